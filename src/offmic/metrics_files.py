"""The files in which processes keep their figures; those of a job that has ended must not pile up.

Each process writes files of its own, 64 KiB and more, and a call is a process. What a dead one
counted is added to one file and its own are removed, so that sums go on and the folder stays small.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import psutil
from prometheus_client.mmap_dict import MmapedDict

_FOLDED: Final = "0"
"""Stands in names of files for all processes that have ended; no job is process 0."""
_SUMMED: Final = ("counter", "histogram")
_LOCK: Final = threading.Lock()


def fold(folder: str) -> None:
    """Add up the figures of processes that have ended, and remove their files.

    What a gauge of such a process said holds no longer.

    Args:
        folder: where the processes of one worker keep their figures.
    """
    with _LOCK:
        for path in sorted(Path(folder).glob("*.db")):
            kind, _, process = path.stem.rpartition("_")
            if process == _FOLDED or not process.isdecimal() or psutil.pid_exists(int(process)):
                continue
            if kind in _SUMMED:
                _add(path, path.with_name(f"{kind}_{_FOLDED}.db"))
            path.unlink(missing_ok=True)


def _add(source: Path, target: Path) -> None:
    files: Any = MmapedDict  # its package has no types for it
    figures = files.read_all_values_from_file(str(source))
    sums = files(str(target))
    try:
        for key, value, time_s, _ in figures:
            sums.write_value(key, sums.read_value(key)[0] + value, time_s)
    finally:
        sums.close()
