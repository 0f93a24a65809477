"""How many calls a worker takes: two on two idle cores at least, bursts counted, more refused."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.protocol import agent

from offmic.fleet import server as fleet_server
from offmic.fleet.server import FleetServer


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


async def test_a_worker_that_drains_takes_nothing() -> None:
    server: Any = Asked()
    server._draining = True  # noqa: SLF001 - what SIGTERM does
    assert await server.ask(3) == 0
