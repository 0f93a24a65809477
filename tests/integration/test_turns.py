"""Turns over a real room: pauses are waited out, barge-in stops the voice, a cough does not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import pytest
import pytest_asyncio

from offmic.audit.completions import text_of
from tests.fakes.desk import DOOR, model_settings, running_desk
from tests.fakes.openai_server import ScriptedModel, scripted_model
from tests.fakes.overlap import cough, interject, spoken, until_heard
from tests.fakes.pauses import VOICES, broken_utterances, say_broken
from tests.fakes.scripts import says, user_says
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.desk import Desk
    from tests.fakes.pauses import Spoken

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="module")]

STORY: Final = tuple(f"This is sentence number {n} of a rather long story. " for n in range(1, 12))
SECRET: Final = f"At the very end, the door code is {DOOR}."
STOP: Final = "Please stop, I have heard enough of it."
A_FEW: Final = slice(0, 20, 5)
"""Of one voice; `python -m bench.turns` says all of them in two, and prints the times."""
MOST_CUT_OFF: Final = 1
AT_ONCE_S: Final = 10.0
"""Long before the story would end by itself; how fast it is in truth, the bench says."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model() -> AsyncIterator[ScriptedModel]:
    steps = [
        says(user_says("story"), *STORY, SECRET),
        says(user_says("short"), *STORY[:2], SECRET),
        says(user_says("stop", "enough"), "All right."),
    ]
    async with scripted_model(*steps) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def storyteller(model: ScriptedModel) -> AsyncIterator[Desk]:
    async with running_desk(model_settings(model)) as one:
        yield one


async def test_pauses_in_mid_sentence_are_waited_out(desk: Desk) -> None:
    spoken = await speak_some(desk, VOICES[0])
    table = "\n".join(map(str, spoken))
    assert len(spoken) == len(range(20)[A_FEW])
    assert sum(one.cut_off for one in spoken) <= MOST_CUT_OFF, table


async def speak_some(desk: Desk, voice: str) -> list[Spoken]:
    async with visitor(desk.sfu, f"pauses-{voice}") as one:
        await one.greeted()
        return [
            await say_broken(one, before, after, pause_s, voice)
            for before, after, pause_s in broken_utterances(voice)[A_FEW]
        ]


async def test_barge_in_stops_the_greeting(storyteller: Desk) -> None:
    async with visitor(storyteller.sfu, "early") as one:
        await one.caller.wait_for_agent(60)
        await until_heard(one, one.caller.joined_s)
        overlap = await interject(one, *spoken(STOP))
    assert overlap.stopped_s is not None
    assert overlap.stopped_s < AT_ONCE_S


async def test_what_was_cut_off_is_neither_delivered_nor_in_history(
    storyteller: Desk, model: ScriptedModel
) -> None:
    async with visitor(storyteller.sfu, "cut-off") as one:
        await one.greeted()
        asked_s = time.monotonic()
        await one.say("Tell me a story.")
        await until_heard(one, asked_s, for_s=1.0)
        overlap = await interject(one, *spoken(STOP))
        assert overlap.stopped_s is not None
        assert overlap.stopped_s < AT_ONCE_S
        await one.caller.wait_until_idle(30)
        assert one.shown == []
        said = text_of(model.requests[-1].messages[-2])
        assert said.startswith("This is sentence")
        assert "sentence number 9" not in said
        assert "door code" not in said
        assert "door code" not in " ".join(text for who, text in one.caller.transcripts)


async def test_coughs_and_assent_do_not_end_the_speech(storyteller: Desk) -> None:
    async with visitor(storyteller.sfu, "assent") as one:
        await one.greeted()
        asked_s = time.monotonic()
        await one.say("Tell me a story.")
        await until_heard(one, asked_s, for_s=1.0)
        for noise in (cough(), spoken("Mm-hm.", "hibari"), spoken("Mm-hm.", "espeak-ng")):
            overlap = await interject(one, *noise, AT_ONCE_S)
            assert overlap.resumed_s is not None, "the agent did not speak on"
            assert overlap.resumed_s < AT_ONCE_S
        await interject(one, *spoken(STOP))


async def test_a_secret_is_sent_when_its_sentence_is_about_to_be_heard(storyteller: Desk) -> None:
    async with visitor(storyteller.sfu, "in-time") as one:
        await one.greeted()
        asked_s = time.monotonic()
        await one.say("Make it short.")
        await until_heard(one, asked_s)
        begun_s = one.caller.ear.sounds_since(one.caller.speech_end_s)[0]
        await one.caller.wait_for(lambda: one.shown, 30)
        (card,) = [e for e in one.caller.events if e["event"] == "secret"]
        shown_s = card["t"] + one.caller.joined_s
        assert shown_s - begun_s > 2.0
        await one.caller.wait_until_idle(30)
        ended_s = one.caller.ear.sounds_since(begun_s)[-1]
        assert ended_s - shown_s > 1.0
