"""Follows the word that is being written; it must never give back a beginning that has gone on.

Any word may turn into a password or a key with its next character ("Tiger" into "Tiger7Lily"). Of
one with a capital what goes on beyond an everyday word is held back to its end, of another what no
everyday word begins with.
"""

from __future__ import annotations

from typing import Final

from offmic.guard.match import NOTHING
from offmic.guard.plainwords import COMMON, EVERYDAY
from offmic.guard.spoken import prefixes, words

LONGEST: Final = 64
"""A word that is longer than this is let go, and begins anew."""

_JOINTS: Final = frozenset("-_#$%+~^/\\!*")
_WORDS: Final = (COMMON | EVERYDAY) - words("s t d m re ve ll")
_PLAIN: Final = prefixes(_WORDS)
_LONGEST_WORD: Final = max(map(len, _WORDS))


def gone(text: str) -> int:
    """Return how many characters of a word's beginning are never held back."""
    if text[:1].isupper():
        low = text[:_LONGEST_WORD].lower()
        return next((size for size in range(len(low), 0, -1) if low[:size] in _WORDS), 0)
    size = 0
    while size < len(text) and text[: size + 1] in _PLAIN:
        size += 1
    return size


class Stem:
    """What stands before a token in the same word.

    Attributes:
        text: how it reads; empty at the beginning of a word.
        start: position of its first character.
    """

    __slots__ = ("start", "text")

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, at: int) -> None:
        """Begin a word at this position."""
        self.text, self.start = "", at

    def add(self, text: str, end: int) -> None:
        """Read a token of letters or digits, or a symbol, up to this position."""
        alone = not text.isalnum() and text not in _JOINTS
        size = len(self.text) + len(text)
        # Where a position is no longer a character's, nothing can be told of what has gone on.
        if alone or size > LONGEST or size != end - self.start or not text.isascii():
            self.begin(end)
        else:
            self.text += text

    def since(self) -> int:
        """Return the position from which on the word so far has not gone on."""
        return self.start + gone(self.text)

    def hold(self, more: str) -> int:
        """Return where the hold begins with these letters still incomplete behind it."""
        text = self.text + more
        if not text or len(text) > LONGEST or not text.isascii():
            return NOTHING
        size = gone(text)
        return self.start + size if size < len(text) else NOTHING
