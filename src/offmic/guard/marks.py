"""Finds what the model itself marks as secret; an unclosed mark must never let its content out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from offmic.guard.fold import fold_text
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.typed import typed
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from offmic.guard.tokens import Token
    from offmic.secrets.vault import VaultEntry

RANK_MARK: Final = -1
_NAME: Final = "secret"
_LONGEST_TAG: Final = 512
_LONGEST_VALUE: Final = 8192
_ATTRIBUTE: Final = re.compile(r"""(label|kind)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def by_value(entries: Sequence[VaultEntry]) -> dict[str, VaultEntry]:
    """Return the secrets by their values, as they read."""
    return {fold_text(entry.value): entry for entry in entries}


class Marks:
    """The recogniser of `<secret label="…">…</secret>`; marks may be nested."""

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self._entries: Mapping[str, VaultEntry] = {}
        self.reset()

    def learn(self, entries: Mapping[str, VaultEntry]) -> None:
        """Know these values when they are marked."""
        self._entries = entries

    def reset(self) -> None:
        """Forget the turn."""
        self._tag = ""
        self._quote = ""
        self._label = ""
        self._kind = ""
        self._body: list[str] = []
        self._size = 0
        self._depth = 0
        self._end = 0
        self.hold = NOTHING

    @property
    def inside(self) -> bool:
        """Whether what is read stands inside a mark."""
        return self._depth > 0

    def reach(self, end: int) -> None:
        """The turn ends here; what cannot be seen before its end is marked as well."""
        self._end = end

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return bool(self._tag) or self._depth > 0

    def take(self, token: Token) -> None:
        """Read a complete token."""
        self._end = token.end
        if not self._tag:
            if token.text == "<":
                self._tag = "<"
                if not self._depth:
                    self.hold = token.start
            elif self._depth:
                self._keep(token.text)
        elif token.text == "<" and not self._quote:
            self._not_a_tag()
            self.take(token)
        else:
            self._extend_tag(token)

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if not self._depth and self._tag and not self._could_open(self._tag + token.word):
            return NOTHING
        return self.hold

    def finish(self) -> None:
        """Read the end of the turn: what is marked up to here counts as the whole."""
        if self._depth:
            self._report()
        elif self._tag[1:7] == _NAME:
            self._matches.append(Match(self.hold, self._end, RANK_MARK, None))
        self.reset()

    @staticmethod
    def _could_open(tag: str) -> bool:
        name = tag[1:].lower().lstrip("/")
        if not name.startswith(_NAME):
            return _NAME.startswith(name)
        return len(name) == len(_NAME) or not (name[len(_NAME)].isalnum())

    def _extend_tag(self, token: Token) -> None:
        self._tag += token.text
        if token.text in {'"', "'"} and self._tag[1:7].lower() == _NAME:
            if not self._quote:
                self._quote = token.text
            elif self._quote == token.text:
                self._quote = ""
        if token.text == ">" and not self._quote:
            self._close_tag(token)
        elif not self._could_open(self._tag) or len(self._tag) > _LONGEST_TAG:
            self._not_a_tag()

    def _not_a_tag(self) -> None:
        tag, self._tag, self._quote = self._tag, "", ""
        if self._depth:
            self._keep(tag)
        elif len(tag) > _LONGEST_TAG:
            # Too long for a mark's beginning, and yet it began as one: it fails closed.
            self._depth = 1
            self._keep(tag)
        else:
            self.hold = NOTHING

    def _close_tag(self, token: Token) -> None:
        tag, self._tag = self._tag, ""
        if tag[1] == "/":
            if self._depth == 1:
                self._report()
                self.reset()
            elif self._depth:
                self._depth -= 1
            else:
                self._matches.append(Match(self.hold, token.end, RANK_MARK, None))
                self.reset()
        elif tag.endswith("/>"):
            if not self._depth:
                self._matches.append(Match(self.hold, token.end, RANK_MARK, None))
                self.reset()
        else:
            self._depth += 1
            if self._depth == 1:
                for name, double, single in _ATTRIBUTE.findall(tag):
                    if name.lower() == "label":
                        self._label = " ".join((double or single).split())
                    else:
                        self._kind = (double or single).strip().lower()

    def _keep(self, text: str) -> None:
        if self._size < _LONGEST_VALUE:
            self._body.append(text)
            self._size += len(text)

    def _report(self) -> None:
        value = typed("".join(self._body))
        if not value:
            self._matches.append(Match(self.hold, self._end, RANK_MARK, None))
            return
        entry = self._entries.get(value)
        if entry is not None:
            found = SecretDiverted(entry.label, entry.kind, entry.value, Via.MARKED, entry.handle)
        else:
            kind = Kind(self._kind) if self._kind in set(Kind) else Kind.OTHER
            found = SecretDiverted(self._label, kind, value, Via.MARKED)
        self._matches.append(Match(self.hold, self._end, RANK_MARK, found))
