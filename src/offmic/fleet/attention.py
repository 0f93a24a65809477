"""Counts for how long somebody has been looking; who stood still must never call others late.

A watcher that a busy machine held up, or a machine that slept, comes back to beats that are as old
as its own last look: that the others did not move meanwhile says nothing of them.
"""

from __future__ import annotations

import asyncio


class Attention:
    """The time of one who looks again and again.

    Args:
        late_s: after so long without a beat somebody is late, in seconds; of a gap between two
            looks no more than a quarter of it counts.
    """

    def __init__(self, late_s: float) -> None:
        self._longest_s = late_s / 4
        self._looked_s: float | None = None
        self._attended_s = 0.0

    def look(self) -> float:
        """Note a look; return for how long there was somebody who looked, in seconds."""
        now_s = asyncio.get_running_loop().time()
        if self._looked_s is not None:
            self._attended_s += min(now_s - self._looked_s, self._longest_s)
        self._looked_s = now_s
        return self._attended_s
