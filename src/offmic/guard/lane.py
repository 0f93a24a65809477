"""Remembers which plain text means nothing; it must never decide so by itself.

Most of what is said holds nothing that any recogniser follows. What text does that comes while
nothing is followed depends on that text alone: so a probe reads it once, and what
came of it is remembered. No rule of a recogniser is repeated here, and none needs to know of this.
Words that may be cues are left out, since what they do depends on what came before them.
"""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from offmic.guard.cuewords import LINKS, TELLING
from offmic.guard.spoken import READINGS, TIMES

if TYPE_CHECKING:
    from offmic.guard.model import Direction
    from offmic.guard.probe import Probe, Rest

LONGEST: Final = 64
"""Longer text is not looked up as the beginning of a unit."""
_MOST: Final = 8192

Known = TypeVar("Known", "set[str]", "dict[str, Rest | None]")
LaneOf: TypeAlias = "tuple[Direction, bool, bool, bool]"

_LONGEST_WORD: Final = 24
_WORD: Final = r"(?:[A-Za-z]{1,24}(?:['-][A-Za-z]{1,24})?|[0-9]{1,3})"
_PLAIN: Final = re.compile(rf"(?:{_WORD}[.,?!]? )*(?:{_WORD}[.,?!'-]?)?")
_ENDED: Final = re.compile(r"[A-Za-z]+(?![A-Za-z]|$)")
_DIGIT: Final = re.compile(r"[0-9]")
_DIGITS: Final = re.compile(r"[0-9]+")
_NUMBER_WORDS: Final = frozenset(READINGS) | frozenset(TIMES)
_MOST_NUMBERS: Final = 1
"""More numbers may be parts of one, which the words before them may make a secret."""

UNIT: Final = re.compile(rf"(?:{_WORD}[.,?!]? ){{0,6}}?[A-Za-z]{{4,24}} ")
"""Words up to one behind which most often nothing is followed any more."""


class Lane:
    """What was found out about text that comes while nothing is followed.

    Args:
        probe: reads it; it belongs to the lane alone.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        # Guards of several threads may share what was found out, but not the probe.
        self._lock = Lock()
        self.inert: set[str] = set()
        """Units that do nothing, and whose words all count."""
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
        words = count_words(unit)
        if rest is not None and rest.told is None and rest.words == rest.counted == words:
            _make_room(self.inert_uncued).add(unit)
            if not rest.links:
                _make_room(self.inert).add(unit)
        return rest

    def rest(self, text: str) -> Rest | None:
        """Return what comes of the beginning of a unit; None for what must be read."""
        if text in self.rests:
            return self.rests[text]
        if not _is_plain(text):
            return None
        found = _make_room(self.rests)[text] = self._read(text)
        return found

    def end(self, text: str) -> Rest | None:
        """Return what comes of the last words of a turn; None for what must be read."""
        if text not in self._ends:
            plain = _is_plain(text)
            _make_room(self._ends)[text] = self._read(text, end=True) if plain else None
        return self._ends[text]

    def _read(self, text: str, *, end: bool = False) -> Rest | None:
        if text.isalpha() and not end:
            with self._lock:
                return self._probe.try_out(text, end=False, links=False)
        ended = _ENDED.findall(text.lower() + (" " if end else ""))
        if not TELLING.isdisjoint(ended):
            return None
        links = not LINKS.isdisjoint(ended)
        if (links or _DIGIT.search(text)) and _count_numbers(text, ended) > _MOST_NUMBERS:
            return None
        with self._lock:
            return self._probe.try_out(text, end=end, links=links)


def _is_plain(text: str) -> bool:
    if text.isalpha() and text.isascii():
        return len(text) <= _LONGEST_WORD
    return len(text) <= LONGEST and _PLAIN.fullmatch(text) is not None


def _count_numbers(text: str, ended: list[str]) -> int:
    return sum(word in _NUMBER_WORDS for word in ended) + len(_DIGITS.findall(text))


def count_words(unit: str) -> int:
    """Return how many words a unit has."""
    return unit.count(" ") + unit.count("'") + unit.count("-")


def _make_room(known: Known) -> Known:
    """Forget everything where too much is known: what is said often comes back soon."""
    if len(known) >= _MOST:
        known.clear()
    return known
