"""Counts for how long somebody has been looking; who stood still must never call others late.

A watcher that a busy machine held up, or a machine that slept, comes back to beats that are as old
as its own last look: that the others did not move meanwhile says nothing of them.
"""

from __future__ import annotations

import asyncio


class Attention:
    """The time of one who looks again and again.

    Args:
        longest_s: between two looks; of a longer gap no more than this counts, in seconds.
    """

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._looked_s: float | None = None
        self._attended_s = 0.0

    def look(self) -> float:
        """Note a look; return for how long there was somebody who looked, in seconds."""
        now_s = asyncio.get_running_loop().time()
        if self._looked_s is not None:
            self._attended_s += min(now_s - self._looked_s, self._longest_s)
        self._looked_s = now_s
        return self._attended_s
