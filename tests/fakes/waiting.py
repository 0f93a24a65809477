"""Waits for states; a test must never wait for seconds to pass."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def eventually(check: Callable[[], T], within_s: float, what: str) -> T:
    """Return what `check` returns as soon as that is true.

    Args:
        check: asked again and again.
        within_s: after this many seconds the test fails.
        what: the state that is waited for, for the failure's message.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while True:
        if result := check():
            return result
        assert loop.time() < end, f"not within {within_s} s: {what}"
        await asyncio.sleep(0.02)
