"""What a desk on this machine takes while it is called; it must never touch its processes."""

from __future__ import annotations

import statistics
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psutil

from bench.memory import measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.fakes.desk import Desk

_MODELS: Final = "offmic.local.models"


@dataclass(frozen=True)
class Use:
    """Cores and bytes in use over some time.

    Args:
        jobs: cores, of the worker and its jobs together.
        models: cores, of the process that holds the models; 0 where jobs hold them.
        sfu: cores.
        driver: cores, of all callers.
        job_uss: bytes, the median job's private pages.
        job_pss: bytes, the median job's, shared pages by share.
        worker_pss: bytes, of all processes of the worker.
    """

    jobs: float
    models: float
    sfu: float
    driver: float
    job_uss: float
    job_pss: float
    worker_pss: float


class Meter:
    """Measures a desk from its making to `read`.

    Args:
        desk: on this machine.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._start_s = time.monotonic()
        worker = desk.worker.processes()
        models = [p for p in worker if _MODELS in " ".join(p.cmdline())]
        me = psutil.Process()
        self._groups = {
            "jobs": [p for p in worker if p not in models],
            "models": models,
            "sfu": [p for p in me.children() if "livekit-server" in p.name()],
            "driver": [me],
        }
        self._before_s = {p: _cpu_s(p) for group in self._groups.values() for p in group}

    def read(self, rooms: Iterable[str]) -> Use:
        """Return what was used since the start.

        Args:
            rooms: those that are served now.
        """
        whole_s = time.monotonic() - self._start_s
        cores = {
            # A job of calls before, which has ended meanwhile, counts for nothing.
            name: sum(max(_cpu_s(p) - self._before_s[p], 0.0) for p in group) / whole_s
            for name, group in self._groups.items()
        }
        jobs = [measure([psutil.Process(self._desk.job_process(room))]) for room in rooms]
        return Use(
            **cores,
            job_uss=_median([job.uss for job in jobs]),
            job_pss=_median([job.pss for job in jobs]),
            worker_pss=measure(self._desk.worker.processes()).pss,
        )


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def _cpu_s(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return times.user + times.system
    return 0.0
