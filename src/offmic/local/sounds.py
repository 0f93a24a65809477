"""How words sound, roughly: what a small speech recogniser mixes up gets the same letters.

It must never be the only ground for taking one word for another: "ring" and "rank" sound alike too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Consonant classes as in Soundex (Russell, 1918), with voiced and voiceless pairs in one class.
_GROUPS: Final = (
    (re.compile(r"tch|[csz]h|[jz]"), "S"),
    (re.compile(r"ph|gh(?=t?$)"), "F"),
    (re.compile(r"^kn|^gn"), "N"),
    (re.compile(r"^wh?"), "W"),
    (re.compile(r"c(?=[eiy])"), "S"),
    (re.compile(r"ck|[cgkq]"), "K"),
    (re.compile(r"x"), "KS"),
    (re.compile(r"th|[dt]"), "T"),
    (re.compile(r"[bp]"), "P"),
    (re.compile(r"[fv]"), "F"),
    (re.compile(r"s"), "S"),
    (re.compile(r"[mn]"), "N"),
    (re.compile(r"l"), "L"),
    (re.compile(r"r"), "R"),
    (re.compile(r"^[aeiouy]"), "A"),
    (re.compile(r"[a-z]"), ""),
)
_TWICE: Final = re.compile(r"(.)\1+")


@lru_cache(maxsize=4096)
def sound(phrase: str) -> str:
    """Return the consonants of plain words as classes; vowels count only where a word begins."""
    return "".join(_sound_of(word) for word in phrase.split())


def _sound_of(word: str) -> str:
    for letters, group in _GROUPS:
        word = letters.sub(group, word)
    return _TWICE.sub(r"\1", word)
