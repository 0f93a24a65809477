"""Remembers the beginnings of values that were said, so that a later piece completes no value.

"The first half is four eight", and a sentence or a turn later "and then two one". A beginning
too short to tell the value has gone on by then; what follows it must not.
"""

from __future__ import annotations

from typing import Final

from offmic.guard.spoken import words

_PIECES: Final = words(
    "half halves first second third last rest remaining other begins begin starts start ends end"
    " ending then part parts digits letters next followed finally continues piece"
)
_REACH: Final = 14
_MOST: Final = 16
_SHORTEST: Final = 2


class Halves:
    """Beginnings of values, for as many words as they may be continued in."""

    def __init__(self) -> None:
        self._words = 0
        self._piece_at = -_REACH - 1
        self._begun: dict[str, int] = {}

    def take(self, word: str) -> None:
        """Read a word; some say that what is told comes in pieces."""
        self._words += 1
        if word in _PIECES:
            self._piece_at = self._words

    @property
    def clean(self) -> bool:
        """Whether nothing was begun, and nothing said to come in pieces."""
        return not self._begun and self._piece_at < 0

    @property
    def waiting(self) -> bool:
        """Whether what comes next may continue what was begun."""
        return bool(self._begun) and self._words - self._piece_at <= _REACH

    def pass_over(self, count: int) -> None:
        """Count words that meant nothing."""
        self._words += count

    def remember(self, read: str) -> None:
        """Keep what was read of a value up to the end of a word."""
        if len(read) >= _SHORTEST:
            self._begun.pop(read, None)
            self._begun[read] = self._words
            if len(self._begun) > _MOST:
                del self._begun[next(iter(self._begun))]

    def resume(self) -> list[str]:
        """Return the beginnings that the next word may continue."""
        if not self.waiting:
            return []
        fresh = {r: at for r, at in self._begun.items() if self._words - at <= _REACH}
        self._begun = fresh
        return [read for read, at in fresh.items() if at < self._words]
