"""Finds handles and labels in brackets; a handle must never be said, whoever made it up."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Final

from offmic.guard.fold import fold_text
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import Direction, SecretDiverted, Via
from offmic.guard.tokens import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from offmic.guard.tokens import Token
    from offmic.secrets.vault import VaultEntry

RANK_REFERENCE: Final = 1
_OPENING: Final = "{{secret:"
_LONGEST: Final = 96
_INERT: Final = "{ {"


def plain_label(label: str) -> str:
    """Return a label as it is compared: case and runs of spaces do not count."""
    return " ".join(fold_text(label).casefold().split())


def by_handle(entries: Sequence[VaultEntry]) -> dict[str, VaultEntry]:
    """Return what each handle stands for."""
    return {entry.handle: entry for entry in entries}


def by_label(entries: Sequence[VaultEntry]) -> dict[str, VaultEntry]:
    """Return what each label stands for that is the label of one value alone, in order."""
    labels = [plain_label(entry.label) for entry in entries]
    values = {(label, entry.value) for label, entry in zip(labels, entries, strict=True)}
    count = Counter(label for label, _ in values)
    found = {
        label: entry
        for label, entry in zip(labels, entries, strict=True)
        if count[label] == 1 and label
    }
    return dict(sorted(found.items(), key=lambda item: item[0]))


def _diverted(entry: VaultEntry) -> SecretDiverted:
    return SecretDiverted(entry.label, entry.kind, entry.value, Via.HANDLE, entry.handle)


class Handles:
    """The recogniser of `{{secret:NAME.RANDOM}}`.

    One that the vault does not know is dropped, in a user's words it is made inert, and so is the
    beginning of one that never ends.
    """

    def __init__(self, matches: list[Match], direction: Direction) -> None:
        self._matches = matches
        self._inbound = direction is Direction.IN
        self._entries: Mapping[str, VaultEntry] = {}
        self.reset()

    def learn(self, entries: Mapping[str, VaultEntry]) -> None:
        """Resolve these handles from now on, and no others."""
        self._entries = entries

    def reset(self) -> None:
        """Forget the turn."""
        self._text = ""
        self._end = 0
        self._braces: list[int] = []
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return bool(self._text)

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if not self._text:
            if token.text == "{":
                self._begin(token)
            return
        if len(self._text) < len(_OPENING):
            self._open(token)
        else:
            self._name(token)

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if not self._text or len(self._text) >= len(_OPENING):
            return self.hold
        return self.hold if _OPENING.startswith(self._text + token.word) else NOTHING

    def finish(self) -> None:
        """Read the end of the turn: what began as a handle is dropped."""
        if len(self._text) >= len(_OPENING):
            self._drop()
        self.reset()

    def _begin(self, token: Token) -> None:
        self._text, self._braces, self.hold = "{", [token.start], token.start
        self._end = token.end

    def _open(self, token: Token) -> None:
        text = self._text + token.text.lower()
        if text == "{{{":
            self._braces = [self._braces[1], token.start]
            self.hold = self._braces[0]
            self._end = token.end
        elif _OPENING.startswith(text):
            self._text, self._end = text, token.end
            if text == "{{":
                self._braces.append(token.start)
            elif text == _OPENING and self._inbound:
                end = self._braces[1] + 1
                self._matches.append(Match(self.hold, end, RANK_REFERENCE, None, _INERT))
                self.reset()
        elif token.text == "{":
            self._begin(token)
        else:
            self.reset()

    def _name(self, token: Token) -> None:
        part = token.shape in {Shape.WORD, Shape.DIGITS} or token.text in {"-", "."}
        closing = token.text == "}"
        if not closing and (not part or self._text.endswith("}")):
            self._drop()
            self.reset()
            self.take(token)
            return
        self._text += token.text
        self._end = token.end
        if self._text.endswith("}}") or len(self._text) > _LONGEST:
            self._drop()
            self.reset()

    def _drop(self) -> None:
        entry = self._entries.get(self._text)
        found = _diverted(entry) if entry is not None else None
        self._matches.append(Match(self.hold, self._end, RANK_REFERENCE, found))


class Labels:
    """The recogniser of `[label]`, where the label is that of one secret alone."""

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self._entries: Mapping[str, VaultEntry] = {}
        self._sorted: list[str] = []
        self.reset()

    def learn(self, entries: Mapping[str, VaultEntry]) -> None:
        """Resolve these labels, in order, from now on, and no others."""
        self._entries = entries
        self._sorted = list(entries)

    def reset(self) -> None:
        """Forget the turn."""
        self._text: str | None = None
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return self._text is not None

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if token.text == "[":
            self._text, self.hold = "", token.start
        elif self._text is not None and token.text == "]":
            entry = self._entries.get(plain_label(self._text))
            if entry is not None:
                match = Match(self.hold, token.end, RANK_REFERENCE, _diverted(entry))
                self._matches.append(match)
            self.reset()
        elif self._text is not None:
            self._text += token.text
            if not self._viable(self._text):
                self.reset()

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if self._text is None or not self._viable(self._text + token.text):
            return NOTHING
        return self.hold

    def finish(self) -> None:
        """Read the end of the turn."""
        self.reset()

    def _viable(self, text: str) -> bool:
        begun = plain_label(text)
        at = bisect_left(self._sorted, begun)
        return at < len(self._sorted) and self._sorted[at].startswith(begun)
