"""What a worker's port says is true: of models that do not load, of an SFU that does not answer."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.fakes.desk import SETTINGS
from tests.fakes.sfu import running_sfu
from tests.fakes.waiting import eventually
from tests.fakes.worker import running_worker

if TYPE_CHECKING:
    import psutil

    from tests.fakes.worker import Worker

pytestmark = pytest.mark.sfu


def port_of(worker: Worker) -> int:
    found = re.search(r"HTTP server listening on [^:]+:(\d+)", worker.output)
    assert found
    return int(found[1])


async def ask(worker: Worker, path: str) -> tuple[int, dict[str, Any]]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{port_of(worker)}/{path}") as answer,
    ):
        return answer.status, await answer.json()


async def says(worker: Worker, **expected: bool) -> None:
    """Wait until `/ready` says so."""
    async with aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{port_of(worker)}/ready"
        seen: dict[str, Any] = {}

        async def look() -> bool:
            async with http.get(url) as answer:
                seen.update(await answer.json())
                ready = all(seen.values())
                assert answer.status == (200 if ready else 503)
            return expected.items() <= seen.items()

        for _ in range(600):
            if await look():
                return
            await asyncio.sleep(0.1)
    raise AssertionError(f"not {expected}: {seen}")


def probe(worker: Worker) -> int:
    """Ask as an orchestrator does from inside the container; return the exit code."""
    command = [sys.executable, "-m", "offmic.fleet.probe", "ready"]
    return subprocess.run(
        command, env={"OFFMIC_PORT": str(port_of(worker))}, check=False
    ).returncode


def idle_processes(worker: Worker) -> list[psutil.Process]:
    """The processes that jobs are started in; none runs in these tests."""
    return [p for p in worker.processes() if "multiprocessing.forkserver" in " ".join(p.cmdline())]


async def test_ready_says_what_is_missing_and_takes_it_back() -> None:
    async with (
        running_sfu() as sfu,
        running_worker(sfu, SETTINGS, ("start", "--log-level", "INFO")) as worker,
    ):
        await says(worker, models=True, sfu=True, staying=True, room=True)
        assert (await ask(worker, "live"))[0] == 200
        sfu.freeze()
        await says(worker, models=True, sfu=False)
        assert (await ask(worker, "live"))[0] == 200, "a restart would not mend it"
        sfu.thaw()
        await says(worker, sfu=True, room=True)
        assert await asyncio.to_thread(probe, worker) == 0
        # A file of settings that is broken: what is started from now on cannot load its models.
        dotenv = worker.folder / ".env"
        dotenv.write_text("OFFMIC_TURN_DETECTION=nonsense\n")
        oldest, *idle = sorted(idle_processes(worker), key=lambda p: p.create_time())
        for process in idle:
            process.send_signal(signal.SIGKILL)
        await says(worker, models=False, room=False)
        await worker.wait_for_output("error initializing process")
        assert await asyncio.to_thread(probe, worker) == 1
        dotenv.unlink()
        await says(worker, models=True, room=True)
        assert oldest.is_running(), "the fork server is not one of them"
        await eventually(lambda: len(idle_processes(worker)) >= 2, 30, "a process in its place")
        # What they are forked off dies: they live on, and the next ones have another one.
        oldest.send_signal(signal.SIGKILL)
        for process in idle_processes(worker):
            process.send_signal(signal.SIGKILL)
        await says(worker, models=False)
        await says(worker, models=True, room=True)
        assert oldest.pid not in {process.pid for process in idle_processes(worker)}
