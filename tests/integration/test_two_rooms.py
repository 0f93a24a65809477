"""Two rooms at once: two processes, two vaults, no crossing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from offmic.audit.completions import Says
from offmic.audit.renderings import leaks
from tests.fakes.desk import DOOR, WIFI, model_settings, running_desk
from tests.fakes.openai_server import Request, Step, scripted_model
from tests.fakes.scripts import handles, looks_up, repeats_handle, user_says
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from tests.fakes.desk import Desk

pytestmark = pytest.mark.sfu


async def test_two_rooms_are_served_by_two_processes_and_each_gets_its_own(desk: Desk) -> None:
    async with (
        visitor(desk.sfu, "left", "anna") as anna,
        visitor(desk.sfu, "right", "ben") as ben,
    ):
        await asyncio.gather(anna.greeted(), ben.greeted())
        left, right = await asyncio.gather(
            anna.ask("What is the Wi-Fi password?"), ben.ask("What is the door code?")
        )
        assert left.shown == [("Wi-Fi password", WIFI)]
        assert right.shown == [("door code", DOOR)]
        assert desk.job_process("left") != desk.job_process("right")


async def test_a_handle_of_one_room_is_nothing_in_the_other() -> None:
    issued: list[str] = []

    def foreign(_: Request) -> Says:
        return Says(["It is ", issued[0], ", as I said."])

    steps = [
        looks_up(user_says("password"), "Wi-Fi password"),
        repeats_handle("The Wi-Fi password is ", "."),
        Step("the other room's handle", user_says("again").fits, foreign),
    ]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model)) as desk,
        visitor(desk.sfu, "left", "anna") as anna,
        visitor(desk.sfu, "right", "ben") as ben,
    ):
        await asyncio.gather(anna.greeted(), ben.greeted())
        assert (await anna.ask("What is the Wi-Fi password?")).shown == [("Wi-Fi password", WIFI)]
        issued.extend(handles(model.requests[-1]))
        answer = await ben.ask("Please say that again.")
        assert answer.heard
        assert not answer.shown
        assert not leaks(WIFI, answer.heard + answer.written)
        assert issued[0] not in answer.written
        assert len(anna.shown) == 1
