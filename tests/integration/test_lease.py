"""Who may serve a room, over a real Redis: of several one, and nobody is dead on a guess."""

from __future__ import annotations

import asyncio
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
    monkeypatch.setattr(lease, "BEAT_S", 0.05)
    monkeypatch.setattr(lease, "LATE_S", _LATE_S)
    monkeypatch.setattr(lease, "_GIVE_WAY_S", 2 * _LATE_S)
    monkeypatch.setattr(watch, "LATE_S", _LATE_S)
    monkeypatch.setattr(watch, "_LOOK_S", 0.05)


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
    """Notes what a watcher asks for; `callers` are in every room."""

    def __init__(self) -> None:
        self.dispatched: list[str] = []
        self.removed: list[str] = []
        self.fails = False
        self.room = self.agent_dispatch = self

    async def list_rooms(self, _: object) -> Any:
        if self.fails:
            raise TimeoutError
        return SimpleNamespace(rooms=["lobby"])

    async def list_participants(self, _: object) -> Any:
        caller = SimpleNamespace(kind=api.ParticipantInfo.Kind.STANDARD)
        return SimpleNamespace(participants=[caller])

    async def remove_participant(self, request: Any) -> None:
        self.removed.append(request.identity)

    async def create_dispatch(self, request: Any) -> None:
        self.dispatched.append(request.room)


@asynccontextmanager
async def watching(register: Register, sfu: Sfu, count: int = 1) -> AsyncIterator[None]:
    watchers = [Watcher(register, cast("api.LiveKitAPI", sfu)) for _ in range(count)]
    async with asyncio.TaskGroup() as tasks:
        for watcher in watchers:
            tasks.create_task(watcher.run())
        try:
            yield
        finally:
            for watcher in watchers:
                watcher.stop()


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
    await eventually(lambda: True, 1, "a beat")
    first.alive = False
    second = await serve(server, "second")
    assert second is not None
    assert second.lease.resumed
    first.alive = True  # it wakes up
    await asyncio.wait_for(first.lost.wait(), 5)
    await first.lease.release(is_over=False)  # too late to matter
    (entry,) = await register.entries()
    assert entry.holder == "second"
    await second.lease.release(is_over=True)


async def test_who_was_listened_to_is_passed_on(server: RedisServer, register: Register) -> None:
    first = await serve(server, "first")
    assert first is not None
    await asyncio.sleep(0.2)
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
    second = await serve(server, "second")
    assert second is not None
    await asyncio.wait_for(first.lost.wait(), 5)
    await second.lease.release(is_over=True)


async def test_two_watchers_dispatch_once_and_remove_the_dead(
    server: RedisServer, register: Register
) -> None:
    one = await serve(server, "only")
    assert one is not None
    sfu = Sfu()
    async with watching(register, sfu, 2):
        await asyncio.sleep(3 * _LATE_S)
        assert not sfu.dispatched
        one.alive = False
        await eventually(lambda: sfu.dispatched, 5, "a dispatch")
        await asyncio.sleep(2 * _LATE_S)
    assert sfu.dispatched == ["lobby"]
    assert sfu.removed == ["agent-only"]
    await one.lease.release(is_over=True)


async def test_a_job_that_ends_beside_its_callers_is_replaced_at_once(
    server: RedisServer, register: Register
) -> None:
    one = await serve(server, "only")
    assert one is not None
    sfu = Sfu()
    async with watching(register, sfu):
        await one.lease.release(is_over=False)
        await eventually(lambda: sfu.dispatched, _LATE_S, "a dispatch")
        await asyncio.sleep(2 * _LATE_S)
    assert sfu.dispatched == ["lobby"]


async def test_a_call_that_is_over_is_nobodys(server: RedisServer, register: Register) -> None:
    one = await serve(server, "only")
    assert one is not None
    sfu = Sfu()
    async with watching(register, sfu):
        await one.lease.release(is_over=True)
        await asyncio.sleep(2 * _LATE_S)
    assert not sfu.dispatched


async def test_nothing_is_dispatched_because_redis_was_away(
    server: RedisServer, register: Register
) -> None:
    one = await serve(server, "only")
    assert one is not None
    sfu = Sfu()
    async with watching(register, sfu):
        await asyncio.sleep(_LATE_S)
        server.freeze()
        await asyncio.sleep(3)
        server.thaw()
        await asyncio.sleep(3 * _LATE_S)
    assert not sfu.dispatched
    assert not one.lost.is_set()
    await one.lease.release(is_over=True)


async def test_nothing_is_dispatched_while_the_sfu_cannot_be_asked(
    server: RedisServer, register: Register
) -> None:
    one = await serve(server, "only")
    assert one is not None
    sfu = Sfu()
    async with watching(register, sfu):
        await asyncio.sleep(_LATE_S)
        sfu.fails = True
        one.alive = False
        await asyncio.sleep(3 * _LATE_S)
        one.alive, sfu.fails = True, False  # the network is back, and so is the agent
        await asyncio.sleep(3 * _LATE_S)
    assert not sfu.dispatched
    assert not one.lost.is_set()
    await one.lease.release(is_over=True)


async def test_a_redis_that_forgot_is_told_again(server: RedisServer, register: Register) -> None:
    one = await serve(server, "only")
    assert one is not None
    await register._client.flushall()  # noqa: SLF001 - a test's own
    await asyncio.sleep(0.3)
    assert isinstance(await register.take("lobby", "other", "agent-other", ""), Held)
    assert not one.lost.is_set()
    await one.lease.release(is_over=True)
    assert isinstance(await register.take("lobby", "other", "agent-other", ""), Taken)
