"""`python -m bench.starts`: how long a worker takes to register, beside a bare one's time.

It must never be run while something else runs: imports are most of a start.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Final

from bench.figures import of_times, print_table
from tests.fakes.desk import SETTINGS
from tests.fakes.sfu import Sfu, running_sfu
from tests.fakes.worker import running_worker

_PROGRAMS: Final = {"bare": "bench/bare_worker.py", "offmic": "main.py"}
_TIMES: Final = 3


async def time_start(sfu: Sfu, program: str) -> float:
    """Return the time from a process's start to its registration, in seconds."""
    start_s = time.monotonic()
    async with running_worker(sfu, SETTINGS, program=program):
        return time.monotonic() - start_s


async def _run() -> dict[str, list[float]]:
    times_s: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
    async with running_sfu() as sfu:
        # In turn, so that what else the machine does falls on both.
        for _ in range(_TIMES):
            for name, program in _PROGRAMS.items():
                times_s[name].append(await time_start(sfu, program))
    return times_s


def main() -> None:
    """Print both and what one is of the other."""
    times_s = asyncio.run(_run())
    print_table(of_times(name, times, "start to registered") for name, times in times_s.items())
    ratio = statistics.median(times_s["offmic"]) / statistics.median(times_s["bare"])
    print(f"\noffmic takes {ratio:.2f} times a bare worker's time")


if __name__ == "__main__":
    main()
