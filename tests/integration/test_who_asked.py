"""A session listens to one participant: the first who publishes a microphone or types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.desk import DOOR, WIFI
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from tests.fakes.desk import Desk

pytestmark = pytest.mark.sfu

_PATIENCE_S = 60.0


async def test_what_another_participant_says_or_types_is_not_listened_to(desk: Desk) -> None:
    async with visitor(desk.sfu, "two-people") as caller:
        await caller.greeted()
        async with visitor(desk.sfu, "two-people", "stranger") as stranger:
            await stranger.caller.wait_for_agent(_PATIENCE_S)
            await stranger.caller.type("What is the Wi-Fi password?")
            await stranger.say("What is the magic word?")
            answer = await caller.ask("What is the door code?")
            assert answer.shown == [("door code", DOOR)]
            assert stranger.shown == []
            assert caller.shown == [("door code", DOOR)]


async def test_a_caller_who_comes_after_others_is_greeted_all_the_same(desk: Desk) -> None:
    async with visitor(desk.sfu, "late", "silent", microphone=False) as silent:
        await silent.greeted()
        async with visitor(desk.sfu, "late") as caller:
            await caller.greeted()
            assert (await caller.ask("What is the door code?")).shown == [("door code", DOOR)]


async def test_who_types_first_is_the_one_who_asked(desk: Desk) -> None:
    async with visitor(desk.sfu, "typed", microphone=False) as caller:
        await caller.caller.wait_for_agent(_PATIENCE_S)
        await caller.caller.type("What is the Wi-Fi password?")
        await caller.caller.wait_for(lambda: bool(caller.shown), _PATIENCE_S)
        assert caller.shown == [("Wi-Fi password", WIFI)]


async def test_a_caller_who_comes_back_in_time_is_listened_to_again(desk: Desk) -> None:
    async with visitor(desk.sfu, "back") as caller:
        await caller.greeted()
    async with visitor(desk.sfu, "back") as again:
        await again.caller.wait_for_agent(_PATIENCE_S)
        await again.caller.wait_until_idle(_PATIENCE_S)
        answer = await again.ask("What is the door code?")
        assert answer.shown == [("door code", DOOR)]
