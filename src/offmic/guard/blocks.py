"""Finds private keys and passwords in connection strings; an unclosed key fails closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.tokens import Token

RANK_BLOCK: Final = -1
_OPENING: Final = "-----BEGIN "
_CLOSING: Final = "-----"
_LONGEST_HEADER: Final = 64
_LONGEST_KEY: Final = 16_384


class Blocks:
    """The recogniser of `-----BEGIN … PRIVATE KEY-----` up to its end, or to the turn's end."""

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._header = ""
        self._inside = False
        self._texts: list[str] = []
        self._size = 0
        self._end = 0
        self._dashes = 0
        self._ending = False
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return self._inside or bool(self._header)

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if self._inside:
            self._take_inside(token)
            return
        if not self._header:
            if token.text == "-":
                self._header, self.hold = "-", token.start
            return
        header = self._header + token.text
        if header == "-" * (len(_CLOSING) + 1):
            self.hold += 1
        elif not self._could_open(header):
            self.reset()
            if token.text == "-":
                self.take(token)
        elif len(header) > len(_OPENING) and header.endswith(_CLOSING):
            self._inside, self._texts = "PRIVATE" in header, [header]
            if not self._inside:
                self.reset()
            self._end = token.end
        else:
            self._header = header

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if self._inside or (self._header and self._could_open(self._header + token.text)):
            return self.hold
        return NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        if self._inside or "PRIVATE" in self._header:
            self._report()
        self.reset()

    @staticmethod
    def _could_open(header: str) -> bool:
        if len(header) <= len(_OPENING):
            return _OPENING.startswith(header)
        return header.startswith(_OPENING) and len(header) <= _LONGEST_HEADER

    def _take_inside(self, token: Token) -> None:
        if self._size < _LONGEST_KEY:
            self._texts.append(token.text)
            self._size += len(token.text)
        self._end = token.end
        self._dashes = self._dashes + 1 if token.text == "-" else 0
        self._ending = self._ending or token.text == "END"
        if self._ending and self._dashes == len(_CLOSING):
            self._report()
            self.reset()

    def _report(self) -> None:
        text = "".join(self._texts) if self._texts else self._header
        found = SecretDiverted("", Kind.PRIVATE_KEY, text, Via.PATTERN)
        self._matches.append(Match(self.hold, max(self._end, self.hold + 1), RANK_BLOCK, found))


class Connections:
    """The recogniser of the password in `scheme://user:password@host`."""

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._clear()

    def _clear(self) -> None:
        self._seen = ""
        self._user = False
        self._texts: list[str] = []
        self._start = NOTHING
        self._end = 0
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return self._user or bool(self._seen)

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if token.shape is Shape.SPACE or token.text in {'"', "'", "<", ">", "`"}:
            self._clear()
        elif self._user:
            self._take_password(token)
        elif self._seen == "://":
            if token.text == ":":
                self._user = True
            elif token.text in {"/", "?", "#", "@"}:
                self._clear()
        else:
            self._seen = self._seen + token.text if token.text in {":", "/"} else ""
            if self._seen not in {"", ":", ":/", "://"}:
                self._seen = ""

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if not self._user:
            return NOTHING
        return token.start if self.hold == NOTHING else self.hold

    def finish(self) -> None:
        """Read the end of the turn."""
        self._clear()

    def _take_password(self, token: Token) -> None:
        if token.text == "@" and self._texts:
            value = "".join(self._texts)
            found = SecretDiverted("", Kind.PASSWORD, value, Via.PATTERN)
            self._matches.append(Match(self._start, self._end, RANK_BLOCK, found))
            self._clear()
        elif token.text == "/" or (len(self._texts) > 64):
            self._clear()
        else:
            if not self._texts:
                self._start = self.hold = token.start
            self._texts.append(token.text)
            self._end = token.end
