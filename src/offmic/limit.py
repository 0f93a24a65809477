"""How many secrets may be diverted in a minute; it must hold for guesses as for answers.

Who tries values to see which one disappears learns from each that does. A caller who is over the
limit is not listened to until the minute has passed: nothing of theirs is transcribed, so nothing
can be seen to disappear.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PER_MINUTE: Final = 30
_WINDOW_S: Final = 60.0


class DiversionLimit:
    """Counts the diversions of a call over the last minute.

    Args:
        per_minute: how many are allowed.
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self, per_minute: int = PER_MINUTE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._times: deque[float] = deque(maxlen=per_minute + 1)

    @property
    def reached(self) -> bool:
        """Whether there were more than allowed in the last minute."""
        now = self._clock()
        while self._times and now - self._times[0] >= _WINDOW_S:
            self._times.popleft()
        return len(self._times) > self._per_minute

    def note(self, diversions: int = 1) -> bool:
        """Count what was diverted; return whether the limit is kept."""
        self._times.extend([self._clock()] * diversions)
        return not self.reached
