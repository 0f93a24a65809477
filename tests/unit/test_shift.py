"""What a job does for its fleet: it hands over without a gap, and says when it was deaf."""

from __future__ import annotations

import asyncio
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from livekit import rtc
from livekit.agents import CloseEvent
from livekit.agents.voice.events import CloseReason

from offmic.fleet import shift as shift_module
from offmic.fleet.lease import ATTRIBUTE_RESUMED
from offmic.fleet.shift import Shift
from offmic.phrases import CUT_OFF, HANDING_OVER
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from livekit.agents import AgentSession, JobContext

    from offmic.ear import Ear
    from offmic.fleet.lease import Lease

_ANNA = SimpleNamespace(identity="anna", kind=rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD)
_NEXT = SimpleNamespace(identity="agent-2", kind=rtc.ParticipantKind.PARTICIPANT_KIND_AGENT)


class Room(rtc.EventEmitter[str]):
    """A room in which the caller is or is not."""

    name = "lobby"
    connection_state = rtc.ConnectionState.CONN_CONNECTED

    def __init__(self) -> None:
        super().__init__()
        self.remote_participants: dict[str, Any] = {"anna": _ANNA}
        self._left = False

    def has_left(self) -> bool:
        return self._left

    async def disconnect(self) -> None:
        self._left = True


class TheLease:
    """A lease that is this job's until it is told otherwise."""

    asker = ""
    resumed = False

    def __init__(self) -> None:
        self.on_lost: Callable[[], Awaitable[None]]
        self.confirmed = asyncio.Event()
        self.confirmed.set()
        self.leaving = 0
        self.over: bool | None = None

    def keep(self, _: object, __: object, on_lost: Callable[[], Awaitable[None]]) -> None:
        self.on_lost = on_lost

    async def confirm(self) -> None:
        await self.confirmed.wait()

    async def hand_over(self) -> None:
        self.leaving += 1

    async def release(self, *, is_over: bool) -> None:
        self.over = is_over


class TheSession(rtc.EventEmitter[str]):
    """Notes what is said, in order with what else is asked for."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.log = log

    def interrupt(self) -> None:
        self.log.append("interrupted")

    def say(self, text: str, **_: object) -> Any:
        async def played() -> None:
            self.log.append("told")

        self.log.append(text)
        return SimpleNamespace(wait_for_playout=played)


class Scene:
    """A shift that serves."""

    def __init__(self, asker: str = "") -> None:
        self.log: list[str] = []
        self.dispatched: list[Any] = []
        self.refusals = 0
        self.listening_to = ""
        self.room = Room()
        self.lease = TheLease()
        self.lease.asker = asker
        self.ended = ""
        self.shift = Shift(cast("JobContext", self), cast("Lease", self.lease))
        self.session = TheSession(self.log)
        self.shift.serve(cast("AgentSession[object]", self.session), cast("Ear", self))

    # What a shift asks of its ear.
    @property
    def identity(self) -> str:
        return self.listening_to

    def listen_to(self, identity: str) -> None:
        self.listening_to = identity

    # What a shift asks of its job.
    job = SimpleNamespace(agent_name="desk", metadata="", attributes={"kept": "1"})

    @property
    def api(self) -> Any:
        return SimpleNamespace(agent_dispatch=self)

    async def create_dispatch(self, request: Any) -> None:
        self.log.append("asked for another")
        if self.refusals:
            self.refusals -= 1
            raise TimeoutError
        self.dispatched.append(request)

    def add_shutdown_callback(self, callback: Callable[[], Awaitable[None]]) -> None:
        self.end = callback

    def shutdown(self, reason: str) -> None:
        self.ended = reason

    async def pass_by(self) -> None:
        """Let everything happen that can."""
        for _ in range(20):
            await asyncio.sleep(0)


async def test_after_a_short_pause_nothing_is_said() -> None:
    scene = Scene()
    scene.room.emit("reconnecting")
    scene.room.emit("reconnected")
    await scene.pass_by()
    assert scene.log == []


async def test_after_a_long_one_it_says_that_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift_module, "_CUT_S", -1.0)
    scene = Scene()
    scene.room.emit("reconnecting")
    scene.room.emit("reconnected")
    await scene.pass_by()
    assert scene.log == ["interrupted", CUT_OFF]


async def test_whoever_joined_anew_was_deaf_and_says_so_once_the_caller_is_there() -> None:
    scene = Scene(asker="anna")
    scene.room.remote_participants.clear()
    scene.room.emit("reconnecting")
    scene.room.emit("local_track_republished", None, "old")
    scene.room.emit("reconnected")
    await scene.pass_by()
    assert scene.log == [], "nobody is there who would hear it"
    scene.room.remote_participants["anna"] = _ANNA
    scene.room.emit("participant_connected", _ANNA)
    await scene.pass_by()
    assert scene.log == ["interrupted", CUT_OFF]


async def test_nothing_is_said_before_it_is_known_that_the_room_is_still_its_own() -> None:
    scene = Scene()
    scene.lease.confirmed.clear()
    scene.room.emit("reconnecting")
    scene.room.emit("local_track_republished", None, "old")
    scene.room.emit("reconnected")
    await scene.pass_by()
    assert scene.log == []


async def test_a_call_is_handed_over_after_the_caller_was_told() -> None:
    scene = Scene()
    os.kill(os.getpid(), shift_module.SIGNAL_HAND_OVER)
    await eventually(lambda: scene.dispatched, 30, "a dispatch")
    assert scene.log == [HANDING_OVER, "told", "asked for another"]
    assert scene.lease.leaving == 1
    (request,) = scene.dispatched
    assert (request.room, request.agent_name) == ("lobby", "desk")
    assert dict(request.attributes) == {"kept": "1", ATTRIBUTE_RESUMED: "1"}
    assert not scene.room.has_left(), "it serves on until the other one has the room"
    scene.room.emit("participant_connected", _NEXT)
    await eventually(lambda: scene.ended, 30, "its end")
    assert scene.room.has_left()
    await scene.end()


@pytest.mark.virtual_time
async def test_another_agent_is_asked_for_until_one_comes() -> None:
    scene = Scene()
    scene.refusals = 2
    os.kill(os.getpid(), shift_module.SIGNAL_HAND_OVER)
    await eventually(lambda: len(scene.dispatched) == 2, 60, "asked twice more")
    assert scene.log == [HANDING_OVER, "told", *["asked for another"] * 4]
    assert not scene.room.has_left(), "it serves on where nobody comes"
    scene.room.emit("participant_connected", _ANNA)
    await scene.pass_by()
    assert not scene.room.has_left(), "a caller is no successor"
    await scene.end()


@pytest.mark.virtual_time
async def test_who_is_told_twice_to_hand_over_says_so_once() -> None:
    scene = Scene()
    for _ in range(3):
        os.kill(os.getpid(), shift_module.SIGNAL_HAND_OVER)
        await asyncio.sleep(1)
    await eventually(lambda: scene.dispatched, 30, "a dispatch")
    assert scene.log.count(HANDING_OVER) == 1
    await scene.end()


async def test_who_is_cut_off_from_its_room_does_not_beat() -> None:
    scene = Scene()
    alive = scene.shift._is_alive  # noqa: SLF001 - what a beat asks
    scene.room.connection_state = rtc.ConnectionState.CONN_DISCONNECTED
    assert alive(), "it has yet to join"
    scene.room.connection_state = rtc.ConnectionState.CONN_CONNECTED
    assert alive()
    scene.room.connection_state = rtc.ConnectionState.CONN_RECONNECTING
    assert not alive()


async def test_who_was_listened_to_is_listened_to_on() -> None:
    assert Scene(asker="anna").listening_to == "anna"
    assert Scene(asker="ben").listening_to == "", "who is gone is not waited for"


async def test_who_lost_the_room_leaves_at_once() -> None:
    scene = Scene()
    await scene.lease.on_lost()
    assert scene.room.has_left()
    assert scene.ended
    assert scene.log == []


async def test_callers_who_are_left_there_are_not_forgotten() -> None:
    scene = Scene()
    assert scene.shift._is_alive()  # noqa: SLF001 - what a beat asks
    await scene.end()
    assert scene.lease.over is False


@pytest.mark.parametrize(
    ("reason", "over"),
    [
        (CloseReason.PARTICIPANT_DISCONNECTED, True),
        (CloseReason.USER_INITIATED, True),
        (CloseReason.ERROR, False),
        (CloseReason.JOB_SHUTDOWN, False),
    ],
)
async def test_a_call_is_over_when_it_ended_and_not_when_its_agent_did(
    reason: CloseReason, over: bool
) -> None:
    scene = Scene()
    assert scene.shift._is_alive()  # noqa: SLF001 - it has seen the caller
    scene.session.emit("close", CloseEvent(reason=reason))
    await scene.end()
    assert scene.lease.over is over
