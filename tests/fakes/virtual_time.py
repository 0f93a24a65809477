"""An event loop whose time passes while nothing is to be done; a busy machine must never be seen.

What waits is woken in the order in which its time comes, at once, and as long as there is something
to do no time passes at all. A thread's work is waited for before the time goes on.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class _Selector(selectors.DefaultSelector):
    now_s = 1000.0
    threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0 or self.threads:
            return super().select(timeout)
        found = super().select(0)
        if not found:
            self.now_s += timeout
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """What the tests marked `virtual_time` run on."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the time of the tests, in seconds."""
        return self._virtual.now_s

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Arguments], T], *args: *Arguments
    ) -> asyncio.Future[T]:
        """Let a thread do it; meanwhile no time passes."""
        future = super().run_in_executor(executor, func, *args)
        self._virtual.threads += 1

        def done(_: asyncio.Future[T]) -> None:
            self._virtual.threads -= 1

        future.add_done_callback(done)
        return future
