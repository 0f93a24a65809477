"""An engine that counts who is inside it; it must never do any work."""

from __future__ import annotations

import threading
from typing import Any, Final

_STAY_S: Final = 0.05
"""Long enough for another thread to come in where nothing keeps it out."""


class OneAtATime:
    """Answers every call alike, and remembers how many were inside at once.

    Args:
        answer: what each call returns.
    """

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self._count = threading.Lock()
        self._inside = 0
        self.calls = 0
        self.most_at_once = 0

    def __call__(self, *_: object, **__: object) -> Any:
        with self._count:
            self.calls += 1
            self._inside += 1
            self.most_at_once = max(self.most_at_once, self._inside)
        threading.Event().wait(_STAY_S)
        with self._count:
            self._inside -= 1
        return self._answer
