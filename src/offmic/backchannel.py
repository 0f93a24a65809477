"""Tells "mm-hm" from an interruption; it must never take a request for a noise of assent."""

from __future__ import annotations

import re
from typing import Final


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
_BRIEF_S: Final = 0.75
"""Nobody asks for anything in less; a recogniser writes some word all the same."""


def is_backchannel(text: str, spoken_s: float) -> bool:
    """Tell whether a listener only says that they listen, or made a noise.

    Args:
        text: what was understood.
        spoken_s: how long it took to say, in seconds; 0 where that is not known.
    """
    words = _WORD.findall(text.casefold())
    if _ASSENT.issuperset(words):
        return True
    return 0 < spoken_s < _BRIEF_S and _INTERRUPTS.isdisjoint(words)
