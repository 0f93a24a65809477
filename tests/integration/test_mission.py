"""The mission: a secret asked for by voice arrives sealed with one caller and is never said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offmic.audit.bystander import bystander
from offmic.audit.completions import text_of
from offmic.audit.renderings import leaks
from tests.fakes.desk import DOOR, WIFI, model_settings, running_desk
from tests.fakes.openai_server import scripted_model
from tests.fakes.scripts import handles, looks_up, repeats_handle, says, user_says
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from tests.fakes.desk import Desk

pytestmark = pytest.mark.sfu


async def test_a_secret_asked_for_by_voice_arrives_with_the_caller_alone_and_is_never_said(
    desk: Desk,
) -> None:
    room = "mission"
    async with (
        bystander(desk.sfu, room) as other,
        bystander(desk.sfu, room, "unseen", hidden=True) as unseen,
        visitor(desk.sfu, room) as caller,
    ):
        await caller.greeted()
        answer = await caller.ask("What is the Wi-Fi password?")

        assert answer.shown == [("Wi-Fi password", WIFI)]
        assert "on your screen" in answer.heard.casefold()
        assert not leaks(WIFI, answer.heard)
        assert "[Wi-Fi password]" in answer.written
        assert not leaks(WIFI, answer.written)
        for one in (other, unseen):
            assert "[Wi-Fi password]" in one.everything  # it listens, and hears what is for all
            assert not one.on_topic("offmic.secret")
            assert not leaks(WIFI, one.everything)
            assert "{{secret:" not in one.everything
    assert '"room": "mission"' in desk.worker.output
    assert "DEBUG" in desk.worker.output
    assert not leaks(WIFI, desk.worker.output)


async def test_a_model_gets_and_repeats_the_handle_and_never_sees_the_value() -> None:
    steps = [
        looks_up(user_says("password"), "Wi-Fi password"),
        repeats_handle("The Wi-Fi password is ", ". Anything else?"),
        says(user_says("thank"), "You are welcome."),
    ]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model)) as desk,
        visitor(desk.sfu, "handle") as caller,
    ):
        await caller.greeted()
        answer = await caller.ask("What is the Wi-Fi password?")
        assert answer.shown == [("Wi-Fi password", WIFI)]
        assert "on your screen" in answer.heard.casefold()
        await caller.ask("Thank you very much.")

        history = model.requests[-1].messages
        said = next(text_of(m) for m in history if "Anything else?" in text_of(m))
        assert said.startswith(
            ("The Wi-Fi password is {{secret:wifi-password.", "The Wi-Fi password is [Wi-Fi")
        )
        assert handles(model.requests[-1])
        for sink in (model.everything, desk.worker.output, answer.heard, answer.written):
            assert not leaks(WIFI, sink)


async def test_what_a_model_says_outright_is_shown_and_not_said() -> None:
    steps = [
        says(
            user_says("password"),
            *("The password is ", WIFI[:6], WIFI[6:13], WIFI[13:], ", as it is written."),
        ),
        says(user_says("door"), "The door code is four eight", " zero two", " one five. Bye."),
        says(user_says("thank"), "You are welcome."),
    ]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model)) as desk,
        bystander(desk.sfu, "outright") as other,
        visitor(desk.sfu, "outright") as caller,
    ):
        await caller.greeted()
        wifi = await caller.ask("What is the Wi-Fi password?")
        assert wifi.shown == [("Wi-Fi password", WIFI)]
        door = await caller.ask("And what is the door code?")
        assert door.shown == [("door code", DOOR)]
        await caller.ask("Thank you very much.")
        for sink in (
            *(wifi.heard, wifi.written, door.heard, door.written),
            *(other.everything, model.everything, desk.worker.output),
        ):
            assert not leaks(WIFI, sink)
            assert not leaks(DOOR, sink)
