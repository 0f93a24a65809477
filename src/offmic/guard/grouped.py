"""Finds IBANs and other numbers in groups; only a sure shape makes one, not any letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from offmic.guard.checks import iban
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.tokens import Token

RANK_GROUPED: Final = 1
_LONGEST: Final = 34
_SHORTEST: Final = 15
_INSURANCE: Final = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]")


class Grouped:
    """The recogniser of IBANs (ISO 13616) and UK national insurance numbers (HMRC NIM39110)."""

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._text = ""
        self._found: Match | None = None
        self._spaced = False
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return bool(self._text)

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if token.shape in {Shape.SPACE, Shape.SYMBOL}:
            if self._text and (self._spaced or token.text not in " -"):
                self._end()
            self._spaced = True
            return
        fits = self._fits(self._with(token))
        if self._text and not fits:
            self._end()
            fits = self._fits(token.text)
        if not fits or (not self._text and token.glued):
            return
        if not self._text:
            self.hold = token.start
        self._text += token.text.upper()
        self._spaced = False
        if len(self._text) >= _SHORTEST and iban(self._text):
            self._find(SecretDiverted("IBAN", Kind.IBAN, self._text, Via.PATTERN), token)
        elif _INSURANCE.fullmatch(self._text):
            self._find(SecretDiverted("", Kind.GOV_ID, self._text, Via.PATTERN), token)

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if self._fits(self._with(token)):
            return self.hold if self._text else token.start
        return self._found.start if self._found is not None else NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        self._end()

    def _find(self, found: SecretDiverted, token: Token) -> None:
        self._found = Match(self.hold, token.end, RANK_GROUPED, found)

    def _end(self) -> None:
        if self._found is not None:
            self._matches.append(self._found)
        self.reset()

    def _with(self, token: Token) -> str:
        # The country stands in capitals; what follows may not.
        return self._text + token.text.upper() if self._text else token.text

    @staticmethod
    def _fits(text: str) -> bool:
        """Tell whether an IBAN may begin with this: two letters, two digits, more of both."""
        return (
            len(text) <= _LONGEST
            and text.isascii()
            and text[:2].isalpha()
            and text[:2].isupper()
            and (len(text) < 3 or text[2:4].isdigit())
        )
