"""How many calls a worker takes: two on two idle cores at least, bursts counted, more refused."""

from __future__ import annotations

import asyncio
import logging
import os
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit.protocol import agent

from offmic.fleet import server as fleet_server
from offmic.fleet.server import FleetServer
from offmic.fleet.shift import SIGNAL_HAND_OVER


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        fleet_server, "get_cpu_monitor", lambda: SimpleNamespace(cpu_count=lambda: 2.0)
    )


class Asked(FleetServer):
    """A server that is asked for jobs and starts none; its answers are kept."""

    def __init__(self, warm: int = 2, calls: int = 0, *, dev: bool = False) -> None:
        super().__init__()
        more: Any = self
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ready.set_result(None)
        more._proc_pool = SimpleNamespace(  # noqa: SLF001 - what `run` makes
            processes=[SimpleNamespace(running_job="a job", _initialize_fut=ready)] * calls
            + [SimpleNamespace(running_job=None, _initialize_fut=ready)] * warm
        )
        more._loop = asyncio.get_running_loop()  # noqa: SLF001
        more._devmode, more._reserved_slots = dev, 0  # noqa: SLF001
        more._job_lifecycle_tasks = set()  # noqa: SLF001
        self.refused = 0
        self._held = asyncio.Event()
        more._request_fnc = self._hold  # noqa: SLF001

    async def ask(self, count: int) -> int:
        """Ask for so many jobs at once; return how many were not refused."""
        requests = [
            agent.AvailabilityRequest(job=agent.Job(id=f"job-{number}")) for number in range(count)
        ]
        await asyncio.gather(*(self._answer_availability(request) for request in requests))
        taken = self._reserved_slots
        self._held.set()
        await asyncio.gather(*self._job_lifecycle_tasks)
        return taken

    async def _hold(self, request: Any) -> None:
        await self._held.wait()
        await request.reject()

    async def _queue_msg(self, msg: agent.WorkerMessage) -> None:
        self.refused += not msg.availability.available


def add_idle_process(server: Asked) -> None:
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    ready.set_result(None)
    process = cast("Any", SimpleNamespace(running_job=None, _initialize_fut=ready))
    server._proc_pool.processes.append(process)  # noqa: SLF001 - as the framework does


@pytest.mark.parametrize("dev", [False, True])
async def test_of_a_burst_the_worker_takes_what_it_can_carry(dev: bool) -> None:
    server = Asked(dev=dev)
    assert await server.ask(20) == 12
    assert server.refused == 20, "eight at once, the others when the test lets them go"


async def test_two_calls_are_taken_in_the_same_moment() -> None:
    assert await Asked().ask(2) == 2


async def test_beside_eleven_calls_there_is_room_for_one() -> None:
    assert await Asked(calls=11).ask(4) == 1


async def test_a_refusal_stands_in_the_log_with_its_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "offmic")
    assert await Asked(calls=12).ask(1) == 0
    (record,) = caplog.records
    assert record.message == "refusing a call"
    assert {"calls": 12, "capacity": 12, "models": True}.items() <= record.__dict__.items()


@pytest.mark.parametrize("cores", [0.1, 0.25, 1.0])
async def test_the_smallest_container_takes_a_call(
    cores: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        fleet_server, "get_cpu_monitor", lambda: SimpleNamespace(cpu_count=lambda: cores)
    )
    assert await Asked().ask(1) == 1


async def test_a_worker_without_models_takes_nothing() -> None:
    assert await Asked(warm=0).ask(3) == 0


@pytest.mark.virtual_time
async def test_a_worker_whose_processes_are_all_taken_has_a_while_to_start_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Asked(warm=0, calls=2)
    seen = []
    for _ in range(30):
        seen.append((server.has_models, server.has_room))
        await asyncio.sleep(1)
    assert seen == [(True, True)] * 20 + [(False, False)] * 10
    assert caplog.text.count("no process could be started") == 1
    add_idle_process(server)
    assert server.has_models
    assert server.has_room


@pytest.mark.virtual_time
async def test_a_full_worker_is_not_short_of_processes() -> None:
    server = Asked(warm=0, calls=12)
    for _ in range(60):
        assert server.has_models
        await asyncio.sleep(1)
    server._proc_pool.processes.pop()  # noqa: SLF001 - a call ends
    assert server.has_room, "its successor starts at once"


async def test_a_worker_that_drains_takes_nothing() -> None:
    server: Any = Asked()
    server._draining = True  # noqa: SLF001 - what SIGTERM does
    assert await server.ask(3) == 0


class Process:
    """One of a worker's processes; notes when it is told to hand over."""

    def __init__(self, pid: int, running_job: str | None) -> None:
        self.pid = pid
        self.running_job = running_job
        self.ended = asyncio.Event()

    async def join(self) -> None:
        await self.ended.wait()
        self.running_job = None


async def drained(
    monkeypatch: pytest.MonkeyPatch, drain_s: float, processes: list[Process], ends_s: float
) -> list[tuple[float, int]]:
    """Let a worker drain whose calls end after so long; return when which process was told."""
    server = Asked()
    server._proc_pool = cast("Any", SimpleNamespace(processes=processes))  # noqa: SLF001
    loop = asyncio.get_running_loop()
    told: list[tuple[float, int]] = []

    def kill(pid: int, number: int) -> None:
        assert number == SIGNAL_HAND_OVER
        told.append((loop.time() - start_s, pid))

    async def nothing() -> None:
        pass

    monkeypatch.setattr(os, "kill", kill)
    monkeypatch.setattr(server, "_update_worker_status", nothing)
    start_s = loop.time()
    for process in processes:
        loop.call_later(ends_s, process.ended.set)
    await server.drain(int(drain_s))
    return told


@pytest.mark.virtual_time
async def test_calls_are_handed_over_shortly_before_the_drain_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    processes = [Process(11, "a job"), Process(12, None)]
    told = await drained(monkeypatch, 3600, processes, 3560)
    assert [when_s for when_s, _ in told] == pytest.approx([3555, 3556, 3557, 3558, 3559])
    assert {pid for _, pid in told} == {11}, "an idle process has nothing to hand over"


@pytest.mark.virtual_time
async def test_of_a_short_drain_time_two_thirds_are_left_for_handing_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = await drained(monkeypatch, 24, [Process(11, "a job")], 9.5)
    assert [when_s for when_s, _ in told] == pytest.approx([8, 9])


@pytest.mark.virtual_time
async def test_calls_that_end_by_themselves_are_not_handed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await drained(monkeypatch, 3600, [Process(11, "a job")], 600) == []
