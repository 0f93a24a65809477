"""Remembers the beginnings of values that were said, so that a later piece completes no value.

"The first half is four eight", and a sentence or a turn later "and then two one". A beginning
too short to tell the value has gone on by then; what follows it must not.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from offmic.guard.spoken import words

_PIECES: Final = words(
    "half halves first second third last rest remaining other begins begin starts start ends end"
    " ending then part parts digits letters characters next followed finally continues piece"
)
_REACH: Final = 14
_MOST: Final = 16
_SHORTEST: Final = 2
_NEAR: Final = 3


class Begun(NamedTuple):
    """What a text told of beginnings of values.

    Args:
        piece_at: which of its words was the last that told of pieces.
        reads: what it began, and at which word.
    """

    piece_at: int
    reads: tuple[tuple[str, int], ...]


class Halves:
    """Beginnings of values, for as many words as they may be continued in."""

    def __init__(self) -> None:
        self.words = 0
        """How many words came."""
        self._piece_at = -_REACH - 1
        self._begun: dict[str, int] = {}

    def take(self, word: str) -> None:
        """Read a word; some say that what is told comes in pieces."""
        self.words += 1
        if word in _PIECES:
            self._piece_at = self.words

    @property
    def near(self) -> bool:
        """Whether what comes now is told to be a piece: "it begins with", "the first half is"."""
        return self.words - self._piece_at <= _NEAR

    @property
    def waiting(self) -> bool:
        """Whether what comes next may continue what was begun."""
        return bool(self._begun) and self.words - self._piece_at <= _REACH

    def told(self) -> Begun | None:
        """Return what was read since this was made; None if nothing of it matters."""
        if not self._begun and self._piece_at < 0:
            return None
        return Begun(self._piece_at, tuple(self._begun.items()))

    def admits(self, begun: Begun) -> bool:
        """Tell whether text would do here what it did where nothing had been begun."""
        if begun.piece_at > 0 and any(self.words - at <= _REACH for at in self._begun.values()):
            return False
        return not begun.reads or self.words - self._piece_at > _REACH

    def pass_over(self, count: int, begun: Begun | None = None) -> None:
        """Take what text told that was read elsewhere.

        Args:
            count: how many words it had.
            begun: what it told.
        """
        if begun is not None:
            for read, at in begun.reads:
                self._keep(read, self.words + at)
            if begun.piece_at > 0:
                self._piece_at = self.words + begun.piece_at
        self.words += count

    def remember(self, read: str) -> None:
        """Keep what was read of a value up to the end of a word."""
        if len(read) >= _SHORTEST:
            self._keep(read, self.words)

    def _keep(self, read: str, at: int) -> None:
        self._begun.pop(read, None)
        self._begun[read] = at
        if len(self._begun) > _MOST:
            del self._begun[next(iter(self._begun))]

    def resume(self) -> list[str]:
        """Return the beginnings that the next word may continue."""
        if not self.waiting:
            return []
        fresh = {r: at for r, at in self._begun.items() if self.words - at <= _REACH}
        self._begun = fresh
        return [read for read, at in fresh.items() if at < self.words]
