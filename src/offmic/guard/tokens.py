"""Cuts text into tokens as it comes; where a cut falls must never depend on the chunks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

LONGEST: Final = 64
"""A run of letters or digits is cut here, so that no token grows without bound."""

PIECES: Final = re.compile(r"[A-Za-z]+|[0-9]+|[\x00-\x08\x0e-\x1b\x7f]+|.", re.DOTALL)
"""The pieces of text: letters, digits and controls of ASCII, and any other character alone."""


class Shape(IntEnum):
    """What a token is made of."""

    WORD = 0
    DIGITS = 1
    SYMBOL = 2
    SPACE = 3


@dataclass(slots=True, eq=False)
class Token:
    """A run of letters or of digits, one symbol, or one space.

    Args:
        shape: what it is made of.
        text: how it reads, case kept.
        start: position in the turn of its first character.
        end: position behind its last one.
        word: the text in lower case.
        glued: whether letters or digits stand directly before it.
        before: the character directly before it.
        head: what stands before it in the same word.
        since: position from which on that word has not gone on.
    """

    shape: Shape
    text: str
    start: int
    end: int
    word: str = ""
    glued: bool = False
    before: str = ""
    head: str = ""
    since: int = 0


SHAPES: Final = {
    char: (
        Shape.WORD if char.isalpha()
        else Shape.DIGITS if char.isdecimal()
        else Shape.SPACE if char.isspace()
        else Shape.SYMBOL
    )
    for char in map(chr, range(128))
    if char.isprintable() or char.isspace()
}  # fmt: skip
"""The shapes of what can be seen of ASCII."""


def shape_of(char: str) -> Shape:
    """Return the shape of the token that a folded character belongs to."""
    if char.isdecimal():
        return Shape.DIGITS
    if char.isalpha():
        return Shape.WORD
    return Shape.SPACE if char.isspace() else Shape.SYMBOL
