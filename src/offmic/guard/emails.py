"""Finds e-mail addresses where a policy diverts them; it must never be asked where they are said.

Any word may begin an address, so each is held back to its end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.tokens import Token

RANK_EMAIL: Final = 5
_INSIDE: Final = frozenset(".!#$%&'*+/=?^_`{|}~-@")
_LONGEST: Final = 254
# The dot-atom of RFC 5322 on the left, a name of RFC 1035 on the right.
_ADDRESS: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]+@[\w-]+(?:\.[\w-]+)+")
_ENDS: Final = ".!?'-"


class Emails:
    """The recogniser of written e-mail addresses (RFC 5322, section 3.4.1)."""

    busy = True

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._parts: list[Token] = []
        self._size = 0
        self.hold = NOTHING

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if not self._goes_on(token) or self._size > _LONGEST:
            self.finish()
            return
        if not self._parts:
            self.hold = token.start
        self._parts.append(token)
        self._size += len(token.text)

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        return self.hold if self._parts else token.start

    def finish(self) -> None:
        """Read the end of the turn."""
        while self._parts and self._parts[-1].text in _ENDS:
            self._parts.pop()
        text = "".join(part.text for part in self._parts)
        if _ADDRESS.fullmatch(text):
            found = SecretDiverted("e-mail address", Kind.OTHER, text, Via.PATTERN)
            self._matches.append(Match(self.hold, self._parts[-1].end, RANK_EMAIL, found))
        self.reset()

    @staticmethod
    def _goes_on(token: Token) -> bool:
        return token.shape in {Shape.WORD, Shape.DIGITS} or token.text in _INSIDE
