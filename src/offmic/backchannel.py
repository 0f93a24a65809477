"""Tells "mm-hm" from an interruption; it must never take a request for a noise of assent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASSENT: Final = _words(
    "mm mmm mhm mhmm hm hmm mmhm uh huh uhhuh aha ah oh um uhm ooh wow yeah right sure"
)
_INTERRUPTS: Final = _words(
    "stop wait hold hang hey hello sorry excuse pardon what no nope not never enough quiet please "
    "yes okay ok thanks thank bye goodbye again repeat help cancel who where when why how"
)
_WORD: Final = re.compile(r"[a-z]+")
_LEAST: Final = 4
_BRIEF_S: Final = 0.75
"""Nobody asks for anything in less; a recogniser writes some word all the same."""


def is_backchannel(text: str, spoken_s: float, names: frozenset[str] = frozenset()) -> bool:
    """Tell whether a listener only says that they listen, or made a noise.

    Args:
        text: what was understood.
        spoken_s: how long it took to say, in seconds; 0 where that is not known.
        names: words that are asked for, in lower case; one of them is enough for a request.
    """
    words = _WORD.findall(text.casefold())
    if _ASSENT.issuperset(words):
        return True
    return 0 < spoken_s < _BRIEF_S and (_INTERRUPTS | names).isdisjoint(words)


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of names, without the short ones."""
    return frozenset(w for t in texts for w in _WORD.findall(t.casefold()) if len(w) >= _LEAST)
