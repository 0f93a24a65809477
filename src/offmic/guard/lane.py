"""Remembers which plain text means nothing; it must never decide so by itself.

Most of what is said holds nothing that any recogniser follows. What text does that comes while
nothing is followed depends on that text alone: so an engine kept for this reads it once, and what
came of it is remembered. No rule of a recogniser is repeated here, and none needs to know of this.
Words that may be cues are left out, since what they do depends on what came before them.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar

from offmic.guard.cuewords import LINKS, TELLING

if TYPE_CHECKING:
    from offmic.guard.engine import Engine
    from offmic.guard.halves import Begun
    from offmic.guard.model import Direction

LONGEST: Final = 64
"""Longer text is not looked up as the beginning of a unit."""
_MOST: Final = 8192

Known = TypeVar("Known", "set[str]", "dict[str, Rest | None]")
LaneOf: TypeAlias = "tuple[Direction, bool, bool, bool]"

_WORD: Final = r"[A-Za-z]{1,24}(?:'[A-Za-z]{1,24})?"
_PLAIN: Final = re.compile(rf"(?:{_WORD}[.,?]? )*(?:{_WORD}(?:[.,?]|')?)?")
_ENDED: Final = re.compile(r"[A-Za-z]+(?![A-Za-z]|$)")

UNIT: Final = re.compile(rf"(?:{_WORD}[.,?]? ){{0,6}}?[A-Za-z]{{4,24}} ")
"""Words up to one behind which most often nothing is followed any more."""


class Rest(NamedTuple):
    """What comes of text that may go on in any way.

    Args:
        calm: the last place in it behind which nothing is followed.
        hold: where what can still begin or extend a match begins.
        begun: what it tells of beginnings of values up to there.
        told: what the whole of it tells.
        links: whether it means something where a cue came before.
    """

    calm: int
    hold: int
    begun: Begun | None
    told: Begun | None
    links: bool


class Lane:
    """What was found out about text that comes while nothing is followed.

    Args:
        engine: reads it; it belongs to the lane alone.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Guards of several threads may share what was found out, but not the engine.
        self._lock = Lock()
        self.inert: set[str] = set()
        """Units that do nothing but be counted."""
        self.inert_uncued: set[str] = set()
        """Those, and units that do no more where no cue came before."""
        self._units: dict[str, Rest | None] = {}
        self.rests: dict[str, Rest | None] = {}
        """What comes of beginnings of units; None for what must be read."""
        self._ends: dict[str, Rest | None] = {}

    def unit(self, unit: str) -> Rest | None:
        """Return what comes of a unit, None if something is followed behind it."""
        if unit in self._units:
            return self._units[unit]
        rest = self._read(unit)
        if rest is not None and rest.calm < len(unit):
            rest = None
        _make_room(self._units)[unit] = rest
        if rest is not None and rest.told is None:
            _make_room(self.inert_uncued).add(unit)
            if not rest.links:
                _make_room(self.inert).add(unit)
        return rest

    def rest(self, text: str) -> Rest | None:
        """Return what comes of the beginning of a unit; None for what must be read."""
        if len(text) > LONGEST or _PLAIN.fullmatch(text) is None:
            return None
        found = _make_room(self.rests)[text] = self._read(text)
        return found

    def end(self, text: str) -> Rest | None:
        """Return what comes of the last words of a turn; None for what must be read."""
        if text not in self._ends:
            plain = len(text) <= LONGEST and _PLAIN.fullmatch(text) is not None
            _make_room(self._ends)[text] = self._read(text, end=True) if plain else None
        return self._ends[text]

    def _read(self, text: str, *, end: bool = False) -> Rest | None:
        ended = set(_ENDED.findall(text.lower() + (" " if end else "")))
        if not ended.isdisjoint(TELLING):
            return None
        with self._lock:
            tried = self._engine.try_out(text, end=end)
        return None if tried is None else Rest(*tried, links=not ended.isdisjoint(LINKS))


def _make_room(known: Known) -> Known:
    """Forget everything where too much is known: what is said often comes back soon."""
    if len(known) >= _MOST:
        known.clear()
    return known
