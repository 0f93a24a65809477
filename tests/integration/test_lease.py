"""Who may serve a room, over a real Redis: of several one, and nobody is dead on a guess."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_asyncio
from livekit import api

from offmic.fleet import lease, watch
from offmic.fleet.lease import Lease
from offmic.fleet.register import Held, Register, Taken, open_register
from offmic.fleet.watch import Watcher
from tests.fakes.redis_server import RedisServer, running_redis
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from livekit.agents import JobContext

pytestmark = pytest.mark.asyncio(loop_scope="module")

_LATE_S = 0.4
_BEAT_S = 0.05
_LOOK_S = 0.05
_PATIENCE_S = 30.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[RedisServer]:
    async with running_redis() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def register(server: RedisServer) -> AsyncIterator[Register]:
    async with open_register(server.url) as one:
        await one._client.flushall()  # noqa: SLF001 - a test's own
        yield one


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_S", _BEAT_S)
    monkeypatch.setattr(lease, "LATE_S", _LATE_S)
    monkeypatch.setattr(lease, "_GIVE_WAY_S", 2 * _LATE_S)
    monkeypatch.setattr(watch, "LATE_S", _LATE_S)
    monkeypatch.setattr(watch, "_LOOK_S", _LOOK_S)


def a_job(name: str, room: str = "lobby") -> JobContext:
    job = SimpleNamespace(id=name, room=SimpleNamespace(name=room), agent_name="", attributes={})
    return cast("JobContext", SimpleNamespace(job=job, local_participant_identity=f"agent-{name}"))


class Serving:
    """A job that serves until it is stopped."""

    def __init__(self, taken: Lease) -> None:
        self.lease = taken
        self.alive = True
        self.lost = asyncio.Event()

        async def lose() -> None:
            self.lost.set()

        taken.keep(lambda: self.alive, lambda: "anna", lose)


async def serve(server: RedisServer, name: str) -> Serving | None:
    taken = await Lease.take(a_job(name), server.url)
    return None if taken is None else Serving(taken)


class Sfu:
    """Notes what a watcher asks for.

    Args:
        callers: in every room.
    """

    def __init__(self, callers: int = 1) -> None:
        self.callers = callers
        self.dispatched: list[str] = []
        self.removed: list[str] = []
        self.fails = False
        self.failed = 0
        self.room = self.agent_dispatch = self

    async def list_rooms(self, _: object) -> Any:
        if self.fails:
            self.failed += 1
            raise TimeoutError
        return SimpleNamespace(rooms=["lobby"])

    async def list_participants(self, _: object) -> Any:
        caller = SimpleNamespace(kind=api.ParticipantInfo.Kind.STANDARD)
        return SimpleNamespace(participants=[caller] * self.callers)

    async def remove_participant(self, request: Any) -> None:
        self.removed.append(request.identity)

    async def create_dispatch(self, request: Any) -> None:
        self.dispatched.append(request.room)


class Watching(Watcher):
    """A watcher that counts how often it looked."""

    looks = 0

    async def _look(self) -> None:
        await super()._look()
        self.looks += 1

    async def look_on(self) -> None:
        """Wait until it has looked for longer than anyone may be late."""
        await self.look_once(int(3 * _LATE_S / _LOOK_S))

    async def look_once(self, times: int = 1) -> None:
        """Wait until it has looked again, this many times."""
        enough = self.looks + times
        await eventually(lambda: self.looks >= enough, _PATIENCE_S, "a watcher that looks")


async def comes_back(one: Serving, watcher: Watching) -> None:
    """Let a holder that stood still beat again once it was looked at, and look for longer."""
    await watcher.look_once()
    one.alive = True
    await watcher.look_on()


@asynccontextmanager
async def watching(register: Register, sfu: Sfu, count: int = 1) -> AsyncIterator[Watching]:
    watchers = [Watching(register, cast("api.LiveKitAPI", sfu)) for _ in range(count)]
    async with asyncio.TaskGroup() as tasks:
        for watcher in watchers:
            tasks.create_task(watcher.run())
        try:
            yield watchers[0]
        finally:
            for watcher in watchers:
                watcher.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def one(server: RedisServer, register: Register) -> AsyncIterator[Serving]:
    serving = await serve(server, "only")
    assert serving is not None
    await serving.lease.confirm()
    yield serving
    await serving.lease.release(is_over=True)


async def test_of_ten_that_ask_at_once_one_serves(server: RedisServer, register: Register) -> None:
    served = await asyncio.gather(*(serve(server, f"job-{n}") for n in range(10)))
    (winner,) = [one for one in served if one is not None]
    assert not winner.lease.resumed
    await winner.lease.release(is_over=True)
    assert await register.entries() == []


async def test_the_next_one_waits_for_a_holder_that_stands_still_and_takes_its_room(
    server: RedisServer, register: Register
) -> None:
    first = await serve(server, "first")
    assert first is not None
    await first.lease.confirm()
    first.alive = False
    second = await asyncio.wait_for(serve(server, "second"), _PATIENCE_S)
    assert second is not None
    assert second.lease.resumed
    first.alive = True  # it wakes up
    await asyncio.wait_for(first.lost.wait(), _PATIENCE_S)
    await first.lease.release(is_over=False)  # too late to matter
    (entry,) = await register.entries()
    assert entry.holder == "second"
    await second.lease.release(is_over=True)


async def test_whoever_waits_for_a_holder_does_not_take_the_room_from_its_successor(
    register: Register,
) -> None:
    await register.take("lobby", "first", "agent-first", "")
    seen = await register.take("lobby", "third", "agent-third", "")
    assert isinstance(seen, Held)
    (entry,) = await register.entries()
    await register.release("lobby", "first")
    await register.take("lobby", "second", "agent-second", "")
    # Its beat stands where the first one's stood: what differs is the epoch.
    assert isinstance(await register.take("lobby", "third", "agent-third", "", seen), Held)
    assert not await register.vacate(entry)
    await register.forget(entry)
    await register.release("lobby", "first")
    (entry,) = await register.entries()
    assert entry.holder == "second"


async def test_who_was_listened_to_is_passed_on(server: RedisServer, register: Register) -> None:
    first = await serve(server, "first")
    assert first is not None
    await first.lease.confirm()
    await first.lease.release(is_over=False)
    second = await serve(server, "second")
    assert second is not None
    assert second.lease.resumed
    assert second.lease.asker == "anna"
    await second.lease.release(is_over=True)


async def test_a_holder_that_leaves_is_succeeded_at_once(
    server: RedisServer, register: Register
) -> None:
    first = await serve(server, "first")
    assert first is not None
    await first.lease.hand_over()
    await asyncio.wait_for(first.lease.confirm(), _PATIENCE_S)
    assert not first.lost.is_set(), "until then the room is its own"
    second = await serve(server, "second")
    assert second is not None
    await asyncio.wait_for(first.lost.wait(), _PATIENCE_S)
    await second.lease.release(is_over=True)


async def test_two_watchers_dispatch_once_and_remove_the_dead(
    one: Serving, register: Register
) -> None:
    sfu = Sfu()
    async with watching(register, sfu, 2) as watcher:
        await watcher.look_on()
        assert not sfu.dispatched
        one.alive = False
        await eventually(lambda: sfu.dispatched, _PATIENCE_S, "a dispatch")
        await watcher.look_on()
    assert sfu.dispatched == ["lobby"]
    assert sfu.removed == ["agent-only"]


async def test_a_watcher_that_stood_still_takes_nobody_for_dead(
    one: Serving, register: Register
) -> None:
    sfu = Sfu()
    async with watching(register, sfu) as watcher:
        await watcher.look_once()
        one.alive = False
        time.sleep(2 * _LATE_S)  # noqa: ASYNC251 - the machine sleeps, with all that is on it
        await comes_back(one, watcher)
    assert not sfu.dispatched
    assert not one.lost.is_set()


async def test_a_job_that_stood_still_takes_no_room_from_another(
    server: RedisServer, one: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    take = Register.take

    async def counted(*arguments: Any) -> Taken | Held:
        nonlocal asked
        asked += 1
        return await take(*arguments)

    monkeypatch.setattr(Register, "take", counted)
    asking = asyncio.create_task(serve(server, "second"))
    await eventually(lambda: asked, _PATIENCE_S, "it asks")
    one.alive = False
    time.sleep(2 * _LATE_S)  # noqa: ASYNC251 - as above
    before = asked
    await eventually(lambda: asked > before, _PATIENCE_S, "it asks again")
    one.alive = True
    assert await asyncio.wait_for(asking, _PATIENCE_S) is None
    assert not one.lost.is_set()


async def test_a_job_that_ends_beside_its_callers_is_replaced_at_once(
    one: Serving, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "LATE_S", 3600)
    sfu = Sfu()
    async with watching(register, sfu) as watcher:
        await one.lease.release(is_over=False)
        await eventually(lambda: sfu.dispatched, _PATIENCE_S, "a dispatch")
        await watcher.look_on()
    assert sfu.dispatched == ["lobby"]


async def test_a_room_without_callers_gets_no_agent(one: Serving, register: Register) -> None:
    sfu = Sfu(callers=0)
    async with watching(register, sfu) as watcher:
        one.alive = False
        await eventually(lambda: sfu.removed, _PATIENCE_S, "a removal")
        await watcher.look_on()
    assert not sfu.dispatched


async def test_a_call_that_is_over_is_nobodys(one: Serving, register: Register) -> None:
    sfu = Sfu()
    async with watching(register, sfu) as watcher:
        await one.lease.release(is_over=True)
        await watcher.look_on()
    assert not sfu.dispatched


async def test_nothing_is_dispatched_because_redis_was_away(
    server: RedisServer, one: Serving, register: Register, caplog: pytest.LogCaptureFixture
) -> None:
    sfu = Sfu()
    async with watching(register, sfu) as watcher:
        await watcher.look_on()
        server.freeze()
        await eventually(
            lambda: "Redis cannot be reached" in caplog.text, _PATIENCE_S, "it is missed"
        )
        await eventually(
            lambda: "the call goes on" in caplog.text, _PATIENCE_S, "the job misses it too"
        )
        server.thaw()
        await watcher.look_on()
    assert not sfu.dispatched
    assert not one.lost.is_set()


async def test_what_moved_while_redis_was_away_gets_its_time_anew(
    one: Serving, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    sfu = Sfu()

    async def away() -> None:
        raise ConnectionError

    async with watching(register, sfu) as watcher:
        await watcher.look_on()
        with monkeypatch.context() as patched:
            patched.setattr(register, "entries", away)
            one.alive = False
            await watcher.look_on()
        await comes_back(one, watcher)
    assert not sfu.dispatched
    assert not one.lost.is_set()


async def test_nothing_is_dispatched_while_the_sfu_cannot_be_asked(
    one: Serving, register: Register
) -> None:
    sfu = Sfu()
    async with watching(register, sfu) as watcher:
        await watcher.look_on()
        sfu.fails = True
        one.alive = False
        await eventually(lambda: sfu.failed > 1, _PATIENCE_S, "the watcher asks")
        sfu.fails = False  # the network is back, and so is the agent, in a moment
        await comes_back(one, watcher)
    assert not sfu.dispatched
    assert not one.lost.is_set()


async def test_a_redis_that_forgot_is_told_again(one: Serving, register: Register) -> None:
    await register._client.flushall()  # noqa: SLF001 - a test's own
    await asyncio.wait_for(one.lease.confirm(), _PATIENCE_S)
    assert isinstance(await register.take("lobby", "other", "agent-other", ""), Held)
    assert not one.lost.is_set()
    await one.lease.release(is_over=True)
    assert isinstance(await register.take("lobby", "other", "agent-other", ""), Taken)
