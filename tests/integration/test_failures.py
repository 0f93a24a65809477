"""A provider that fails in mid-call: the next one answers; with none left the caller hears so."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from offmic.audit.completions import Fails
from offmic.caller_audio import EAR_HZ
from tests.fakes.desk import DOOR, WIFI, model_settings, running_desk
from tests.fakes.ear import transcribe
from tests.fakes.figures import served
from tests.fakes.openai_server import Step, scripted_model
from tests.fakes.scripts import looks_up, repeats_handle, says, user_says
from tests.fakes.visitor import visitor

pytestmark = pytest.mark.sfu


async def test_the_next_provider_answers_when_one_dies_in_mid_call() -> None:
    steps = [looks_up(user_says("password"), "wifi"), repeats_handle("The Wi-Fi password is ", ".")]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model, ",local")) as desk,
        visitor(desk.sfu, "next") as caller,
    ):
        await caller.greeted()
        assert (await caller.ask("What is the Wi-Fi password?")).shown == [("Wi-Fi password", WIFI)]
        await model.die()
        assert (await caller.ask("What is the door code?")).shown == [("door code", DOOR)]


async def test_with_no_provider_left_the_caller_hears_an_apology_and_the_call_goes_on() -> None:
    broken = Step("broken", user_says("door").fits, Fails(500))
    steps = [broken, says(user_says("hello"), "Nice to hear you again.")]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model)) as desk,
        visitor(desk.sfu, "none-left") as caller,
    ):
        await caller.greeted()
        answer = await caller.ask("What is the door code?", within_s=60)
        assert "sorry" in answer.heard.casefold()
        assert not answer.shown
        assert "hear you again" in (await caller.ask("Hello, are you there?")).heard.casefold()


async def test_a_server_that_is_gone_gets_the_same_apology() -> None:
    async with (
        scripted_model() as model,
        running_desk(model_settings(model)) as desk,
        visitor(desk.sfu, "gone") as caller,
    ):
        await caller.greeted()
        await model.die()
        answer = await caller.ask("What is the door code?", within_s=60)
        assert "sorry" in answer.heard.casefold()
        assert str(urlsplit(model.url).port) not in answer.written


async def test_with_no_voice_left_the_caller_hears_a_recorded_apology() -> None:
    async with scripted_model() as gone:
        settings = {"OFFMIC_TTS": "openai/no-voice", "OPENAI_BASE_URL": gone.url}
        await gone.die()
        async with running_desk(settings) as desk, visitor(desk.sfu, "no-voice") as caller:
            await caller.caller.wait_for(lambda: caller.caller.state == "speaking", 60)
            await caller.caller.wait_until_idle(60)
            heard = transcribe(caller.caller.agent_audio, EAR_HZ)
            assert "sorry" in heard.casefold()
            # The greeting's first sentence was tried once; the apology is a recording.
            assert await served(desk.worker, "failures", "tts") == 1
