"""What processes take of the memory; shared pages are never counted twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psutil


@dataclass(frozen=True)
class Memory:
    """Memory in bytes.

    Args:
        pss: private pages and a fair share of those that others use as well.
        uss: private pages alone: what its end would free.
    """

    pss: int
    uss: int


def measure(processes: Iterable[psutil.Process]) -> Memory:
    """Return what these processes take together."""
    infos = [process.memory_full_info() for process in processes]
    return Memory(sum(info.pss for info in infos), sum(info.uss for info in infos))
