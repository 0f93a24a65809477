"""Cuts the assistant's streamed words into pieces that can be spoken at once.

It must never hold back what is finished, nor cut inside a sentence but for the first sound.
"""

from __future__ import annotations

import re
from typing import Final

from offmic.local import voice

_CLAUSE_END: Final = re.compile(r"[,;:—]\s+(?=\S)")
_LEAST_FIRST: Final = 12
"""A first piece shorter than this sounds clipped, and gains nothing."""
_MOST: Final = 300
"""A sentence longer than this is cut where a clause or a word ends, so that a cancel is prompt."""


class Clauses:
    """Takes words as they come, gives sentences; the first piece may be a clause."""

    def __init__(self) -> None:
        self._text = ""
        self._is_first = True

    def feed(self, words: str) -> list[str]:
        """Return the pieces that these words finish, in order."""
        self._text += words
        sentences = voice.split_sentences(self._text)
        pieces = sentences[:-1]
        if pieces:
            self._text = sentences[-1] + _trailing_space(self._text)
        elif self._is_first and (ends := self._ends_of_clauses()):
            pieces, self._text = [self._text[: ends[0]]], self._text[ends[0] :]
        if not pieces and len(self._text) > _MOST:
            cut = self._text.rfind(" ", 0, _MOST) + 1 or _MOST
            pieces, self._text = [self._text[:cut]], self._text[cut:]
        return self._give(pieces)

    def flush(self) -> list[str]:
        """Return what is left, at the end of the text."""
        pieces, self._text = voice.split_sentences(self._text), ""
        return self._give(pieces)

    def _give(self, pieces: list[str]) -> list[str]:
        pieces = [piece.strip() for piece in pieces if piece.strip()]
        self._is_first = self._is_first and not pieces
        return pieces

    def _ends_of_clauses(self) -> list[int]:
        return [m.end() for m in _CLAUSE_END.finditer(self._text) if m.end() > _LEAST_FIRST]


def _trailing_space(text: str) -> str:
    # The sentences come stripped; the space decides whether the next word is a new one.
    return text[len(text.rstrip()) :]
