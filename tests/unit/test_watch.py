"""What a watcher does for a room whose agent is gone, by its time; it must act once, not never.

Over a real Redis, with agents that beat, the same is tested in `tests/integration/test_lease.py`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from livekit import api

from offmic.fleet.register import BEAT_S, LATE_S, Entry, Register
from offmic.fleet.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.virtual_time

_KIND = api.ParticipantInfo.Kind
_SOON_S = 1.0
_BACK_S = 1.8
"""So long may a job that was cut off need to find the SFU there and to beat."""
_COLD_S = 6.0
"""After so long somebody who was sent should be there."""
_ENTRY = Entry("lobby", "job", "agent-job", "desk", epoch="1", beat="0", abandoned=False)


class TheRegister:
    """One room; its holder beats while `beats` is set."""

    def __init__(self) -> None:
        self.held: Entry | None = _ENTRY
        self.beats = False
        self.away = False

    async def entries(self) -> list[Entry]:
        if self.away:
            raise ConnectionError
        if self.held is not None and self.beats:
            count = int(asyncio.get_running_loop().time() / BEAT_S)
            self.held = replace(self.held, beat=str(count))
        return [] if self.held is None else [self.held]

    async def vacate(self, entry: Entry) -> bool:
        if self.held != entry:
            return False
        epoch = str(int(entry.epoch) + 1)
        self.held = replace(entry, holder="", epoch=epoch, beat="0", abandoned=False)
        return True

    async def forget(self, entry: Entry) -> None:
        if self.held == entry:
            self.held = None


class Sfu:
    """Notes when somebody was sent, and who was removed."""

    def __init__(self) -> None:
        self.there = [_KIND.STANDARD, _KIND.AGENT]
        self.has_room = True
        self.frozen: asyncio.Future[None] | None = None
        self.answer: Callable[[], Any] = lambda: None
        self.sent: list[tuple[float, str, str]] = []
        self.removed: list[str] = []
        self.room = self.agent_dispatch = self

    async def list_rooms(self, _: object) -> Any:
        if self.frozen is not None:
            await asyncio.shield(self.frozen)
        return SimpleNamespace(rooms=["lobby"] if self.has_room else [])

    async def list_participants(self, _: object) -> Any:
        return SimpleNamespace(participants=[SimpleNamespace(kind=kind) for kind in self.there])

    async def remove_participant(self, request: Any) -> None:
        self.removed.append(request.identity)

    async def create_dispatch(self, request: Any) -> None:
        if (wait := self.answer()) is not None:
            await wait
        now_s = asyncio.get_running_loop().time()
        self.sent.append((now_s, request.room, request.agent_name))


class Scene:
    """A room, and watchers that watch it."""

    def __init__(self, watchers: int = 1) -> None:
        self.register = TheRegister()
        self.sfu = Sfu()
        register = cast("Register", self.register)
        livekit = cast("api.LiveKitAPI", self.sfu)
        self.watchers = [Watcher(register, livekit) for _ in range(watchers)]
        self.start_s = asyncio.get_running_loop().time()

    @property
    def sent_s(self) -> list[float]:
        """When somebody was sent, in seconds since the beginning."""
        return [when_s - self.start_s for when_s, _, _ in self.sfu.sent]

    async def watched(self, for_s: float) -> None:
        running = [asyncio.create_task(watcher.run()) for watcher in self.watchers]
        await asyncio.sleep(for_s)
        for watcher in self.watchers:
            watcher.stop()
        await asyncio.gather(*running)


async def test_an_agent_that_beats_is_left_alone() -> None:
    scene = Scene(watchers=2)
    scene.register.beats = True
    await scene.watched(60)
    assert scene.sfu.sent == []
    assert scene.sfu.removed == []


async def test_one_that_stands_still_is_replaced_once_by_two_watchers() -> None:
    scene = Scene(watchers=2)
    await scene.watched(LATE_S + _SOON_S)
    ((when_s, room, agent_name),) = scene.sfu.sent
    assert (room, agent_name) == ("lobby", "desk")
    assert LATE_S <= when_s - scene.start_s < LATE_S + _SOON_S
    assert scene.sfu.removed == ["agent-job"]


async def test_where_nobody_came_another_one_is_asked_for() -> None:
    scene = Scene()
    await scene.watched(LATE_S + 2 * _COLD_S + _SOON_S)
    first_s, second_s, _ = scene.sent_s
    assert second_s - first_s >= _COLD_S


async def test_a_room_that_a_dying_watcher_took_is_not_left_without_an_agent() -> None:
    scene = Scene(watchers=2)
    dying, other = scene.watchers
    doomed = asyncio.create_task(dying.run())

    def dies() -> Any:
        doomed.cancel()
        return asyncio.get_running_loop().create_future()  # its question is never answered

    scene.sfu.answer = dies
    with suppress(asyncio.CancelledError):
        await doomed
    scene.sfu.answer = lambda: None
    assert scene.register.held is not None
    assert scene.register.held.holder == "", "it had taken the room"
    scene.watchers = [other]
    await scene.watched(_COLD_S + _SOON_S)
    assert len(scene.sfu.sent) == 1


async def test_a_room_whose_agent_said_that_it_goes_gets_another_one_at_once() -> None:
    scene = Scene()
    scene.register.held = replace(_ENTRY, holder="", abandoned=True)
    await scene.watched(_SOON_S)
    assert len(scene.sent_s) == 1


async def test_an_sfu_that_refused_is_asked_again_at_once() -> None:
    scene = Scene()
    refusals = iter([True, True, False])

    def refuse() -> None:
        if next(refusals, False):
            raise TimeoutError

    scene.sfu.answer = refuse
    await scene.watched(LATE_S + 3 * _SOON_S)
    assert len(scene.sent_s) == 1


async def test_whom_the_sfu_saw_leaving_is_missed_in_half_the_time() -> None:
    scene = Scene()
    scene.watchers[0].suspect("lobby")
    await scene.watched(LATE_S / 2 + _SOON_S)
    assert len(scene.sent_s) == 1


async def test_whom_the_sfu_saw_leaving_is_left_alone_while_it_beats() -> None:
    scene = Scene()
    scene.register.beats = True
    scene.watchers[0].suspect("lobby")
    await scene.watched(60)
    assert scene.sfu.sent == []


@pytest.mark.parametrize("there", [[], [_KIND.AGENT, _KIND.EGRESS, _KIND.INGRESS]])
async def test_a_room_without_a_caller_gets_no_agent(there: list[api.ParticipantInfo.Kind]) -> None:
    scene = Scene()
    scene.sfu.there = there
    await scene.watched(30)
    assert scene.sfu.sent == []
    assert scene.sfu.removed, "the dead one goes all the same"


async def test_a_room_that_is_gone_is_forgotten() -> None:
    scene = Scene()
    scene.sfu.has_room = False
    await scene.watched(LATE_S + _SOON_S)
    assert scene.register.held is None
    assert scene.sfu.sent == []


async def test_after_an_outage_of_redis_everyone_gets_their_time_anew() -> None:
    scene = Scene()

    async def go_away() -> None:
        await asyncio.sleep(LATE_S - _SOON_S)  # Redis gets slow: no beat comes through
        scene.register.away = True
        await asyncio.sleep(10)
        scene.register.away = False
        await asyncio.sleep(_SOON_S)
        scene.register.beats = True

    await asyncio.gather(scene.watched(30), go_away())
    assert scene.sfu.sent == []


@pytest.mark.parametrize("since_s", [0, LATE_S * 2 / 3])
async def test_after_an_outage_of_the_sfu_everyone_gets_their_time_anew(since_s: float) -> None:
    # Who is cut off from it does not beat; it comes back a moment later than the SFU.
    for until_s in (8 + tenth / 10 for tenth in range(60)):
        scene = Scene()

        async def go_away(scene: Scene, until_s: float) -> None:
            await asyncio.sleep(since_s)
            scene.sfu.frozen = asyncio.get_running_loop().create_future()
            await asyncio.sleep(until_s - since_s)
            scene.sfu.frozen.set_result(None)
            await asyncio.sleep(_BACK_S)
            scene.register.beats = True

        await asyncio.gather(scene.watched(20), go_away(scene, until_s))
        assert scene.sfu.sent == [], until_s


async def test_what_an_emptied_redis_lost_is_no_death() -> None:
    scene = Scene(watchers=2)
    scene.register.beats = True

    async def lose() -> None:
        await asyncio.sleep(LATE_S)
        lost, scene.register.held = scene.register.held, None
        await asyncio.sleep(LATE_S / 2)
        assert lost is not None
        scene.register.held = replace(lost, epoch="1")  # with its next beat

    await asyncio.gather(scene.watched(6 * LATE_S), lose())
    assert scene.sfu.sent == []
