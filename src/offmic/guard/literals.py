"""Finds halves of vault values that are mostly symbols, as they are typed; letters are for `known`.

"wim!" of "wim!DOce" has too few letters and digits to tell the value by them alone. What may stand
in any sentence, such as "yes!" of "yes!Joe", must pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.forms import MIN_RUN, least_run
from offmic.guard.known import RANK_RUN
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.plainwords import COMMON, EVERYDAY
from offmic.guard.tokens import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from offmic.guard.tokens import Token
    from offmic.secrets.vault import VaultEntry

_RARE: Final = frozenset("_@#^*+=\\|~<>[]{}&")
"""Symbols that stand in no ordinary sentence."""
_WORDS: Final = COMMON | EVERYDAY


class Table:
    """The halves of a vault's values that are mostly symbols.

    Args:
        entries: what the vault holds.
    """

    def __init__(self, entries: Iterable[VaultEntry]) -> None:
        self.whole: Mapping[str, VaultEntry] = {
            half: entry for entry in entries for half in _halves(entry.value)
        }
        self.begun = frozenset(half[:size] for half in self.whole for size in range(1, len(half)))


class Literals:
    """The recogniser of such halves.

    Args:
        matches: where found matches go.
    """

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self._table = Table(())
        self.reset()

    def learn(self, table: Table) -> None:
        """Look for these halves from now on, and for no others."""
        self._table = table

    def reset(self) -> None:
        """Forget the turn."""
        self._open: list[tuple[int, str]] = []
        self.hold = NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        self._open, self.hold = [], NOTHING

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if not self._table.whole:
            return
        self._open, found = self._follow(token)
        for start, end, entry in found:
            value = SecretDiverted(entry.label, entry.kind, entry.value, Via.VAULT, entry.handle)
            self._matches.append(Match(start, end, RANK_RUN, value))
        self.hold = self._open[0][0] if self._open else NOTHING

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if not self._table.whole:
            return NOTHING
        open_, found = self._follow(token)
        return min(open_[0][0] if open_ else NOTHING, *(start for start, _, _ in found), NOTHING)

    def _follow(
        self, token: Token
    ) -> tuple[list[tuple[int, str]], list[tuple[int, int, VaultEntry]]]:
        if token.shape is Shape.SPACE:
            return [], []
        text = token.text.lower()
        exact = len(text) == token.end - token.start
        open_, found = [*self._open, (token.start, "")], []
        for at, char in enumerate(text, 1):
            grown = [(start, read + char) for start, read in open_]
            for start, read in grown:
                if (entry := self._table.whole.get(read)) is not None:
                    found.append((start, token.start + at if exact else token.end, entry))
            open_ = [one for one in grown if one[1] in self._table.begun]
            if not open_:
                break
        return open_, found


def _halves(value: str) -> Iterator[str]:
    text = value.lower()
    size = least_run(len(text))
    for at in range(len(text) - size + 1):
        half = text[at : at + size]
        if _tells(half):
            yield half


def _tells(half: str) -> bool:
    """Tell whether this is no text that an ordinary sentence may hold."""
    plain = "".join(c for c in half if c.isalnum())
    symbols = [c for c in half if not c.isalnum()]
    if not plain or len(plain) >= MIN_RUN or any(c.isspace() for c in half) or not half.isascii():
        return False
    rare = sum(c in _RARE for c in symbols)
    if plain.isdigit():
        return rare > 1
    return rare > 0 or plain not in _WORDS
