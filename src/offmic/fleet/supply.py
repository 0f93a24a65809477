"""Whether the next call gets a process; a worker must never take one that would wait for ever.

The framework starts processes anew for as long as it takes. Where that fails each time, or the
server that they are forked off hangs, the ones that serve calls already are warm all the same.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_log = logging.getLogger("offmic")

_REFILL_S: Final = 20.0
"""Several cold starts side by side on two busy cores; a caller waits no longer than that."""


class Supply:
    """Knows since when a worker that has room for a call is without an idle process."""

    def __init__(self) -> None:
        self._short_since_s: float | None = None
        self._told = False

    def suffices(self, processes: Iterable[Any], *, full: bool) -> bool:
        """Return whether a process is there for a call, or will be in a moment.

        Args:
            processes: of the framework's pool.
            full: whether the worker takes no call anyway; it keeps no idle process then.
        """
        warm = [process for process in processes if _is_warm(process)]
        if full or any(process.running_job is None for process in warm):
            self._short_since_s, self._told = None, False
            return bool(warm)
        now_s = time.monotonic()
        if self._short_since_s is None:
            self._short_since_s = now_s
        late = now_s - self._short_since_s >= _REFILL_S
        if late and not self._told:
            self._told = True
            _log.error("no process could be started for another call: taking none until one is")
        return bool(warm) and not late


def _is_warm(process: Any) -> bool:
    ready = process._initialize_fut  # noqa: SLF001 - it has no public twin
    return ready.done() and not ready.cancelled() and ready.exception() is None
