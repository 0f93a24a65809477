"""The vault's values as the matcher needs them; it must never know less than the vault does.

All beginnings that can still become a value, or a telling run of one, are found by one bisection in
a sorted list: the cost of a look-up hardly grows with the number of values.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.guard.fold import counts, fold_text
from offmic.guard.forms import date_forms, encodings, is_jumbled, least_run, run_lengths, skeleton
from offmic.guard.spoken import (
    FOREIGN,
    LETTER_NAMES,
    NATO,
    ORDINALS,
    READINGS,
    TIMES,
    prefixes,
    words,
)
from offmic.guard.steps import CASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offmic.secrets.vault import VaultEntry

MOST_WITH_RUNS: Final = 1000
"""With more values than this, only whole values count: runs of so many would be in every text."""

HEADS: Final = 4
"""Beginnings of up to this many characters are looked up in a set."""
_MOST_LOOKED_AT: Final = 64
_MOST_PAST: Final = 4
# Names of letters that are everyday words: they count inside a run, never as its beginning.
_EVERYDAY: Final = words("be see sea are you why tea eye owe ex ar")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One string to look for.

    Args:
        entry: the secret that it gives away.
        least: characters from the pattern's beginning that tell the secret.
        whole: whether the pattern begins where the form begins.
        tail: the symbols with which the value ends, as they would be written.
        jumbled: whether no run of it can be an everyday word.
    """

    entry: VaultEntry
    least: int
    whole: bool = True
    tail: str = ""
    jumbled: bool = False


class Index:
    """Patterns by what they begin with.

    Args:
        entries: the vault's entries.
        earlier: an index of the vault as it was before.
    """

    def __init__(self, entries: Sequence[VaultEntry], earlier: Index | None = None) -> None:
        self._entries = tuple(entries)
        self._with_runs = len(entries) <= MOST_WITH_RUNS
        found: dict[str, Pattern] = {}
        self.leading: dict[str, str] = {}
        self.symbols: set[str] = set()
        self.early_space = False
        begun = 0 if earlier is None else self._go_on_from(earlier, found)
        for entry in entries[begun:]:
            self._add_entry(found, entry, with_runs=self._with_runs)
        self._texts = sorted(found)
        self._found = found
        self.shortest = min(map(len, found), default=0)
        self.heads = {t[:n] for t in self._texts for n in range(1, HEADS + 1) if len(t) >= n}
        self.words = self._words() if found else frozenset()

    def _go_on_from(self, earlier: Index, found: dict[str, Pattern]) -> int:
        """Take what an earlier index has, if it is one of the first entries; return how many."""
        count = len(earlier._entries)
        if self._with_runs != earlier._with_runs or self._entries[:count] != earlier._entries:
            return 0
        found.update(earlier._found)
        self.leading.update(earlier.leading)
        self.symbols.update(earlier.symbols)
        self.early_space = earlier.early_space
        return count

    def _add_entry(self, found: dict[str, Pattern], entry: VaultEntry, *, with_runs: bool) -> None:
        base = skeleton(entry.value)
        folded = fold_text(entry.value)
        head = folded[: next((i for i, c in enumerate(folded) if counts(c)), 0)]
        last = next((i for i, c in enumerate(reversed(folded)) if counts(c)), 0)
        bare = all(map(counts, base))
        tail = folded[len(folded) - last :] if bare else ""
        if head and bare:
            self.leading[head[0]] = head
        self.early_space = self.early_space or " " in folded[len(head) : len(head) + HEADS]
        self.symbols.update(c for c in base if not counts(c))
        size = len(base)
        jumbled = is_jumbled(entry.value)
        lengths = run_lengths(entry.value) if bare else [least_run(size)] * size
        least = lengths[0] if with_runs else size
        self._put(found, base, Pattern(entry, least, tail=tail, jumbled=jumbled))
        others = dict.fromkeys(date_forms(entry.value), "") | encodings(entry.value)
        for form, end in others.items():
            self._put(found, form, Pattern(entry, len(form), tail=end))
        if with_runs:
            back = [least_run(size)] * size
            for form, end, enough in ((base, tail, lengths), (base[::-1], "", back)):
                for start in range(1, size):
                    if size - start >= enough[start]:
                        run = Pattern(entry, enough[start], whole=False, tail=end, jumbled=jumbled)
                        self._put(found, form[start:], run)

    def _words(self) -> frozenset[str]:
        """Return every beginning of a word with which a value may begin when it is spoken."""
        heads = self.heads
        spoken = [w for w, r in READINGS.items() if r[0] in heads]
        spoken += [w for w, r in FOREIGN.items() if r in heads and w not in _EVERYDAY]
        spoken += [w for w, r in NATO.items() if r in heads]
        spoken += [w for w, r in LETTER_NAMES.items() if r in heads and w not in _EVERYDAY]
        spoken += [w for w, o in ORDINALS.items() if str(o)[0] in heads]
        return prefixes((*spoken, *TIMES, *CASES))

    @staticmethod
    def _put(found: dict[str, Pattern], text: str, pattern: Pattern) -> None:
        known = found.get(text)
        # The same text of two values: the whole of one counts before a run of another.
        if known is None or (pattern.whole and not known.whole):
            found[text] = pattern

    def viable(self, prefix: str) -> bool:
        """Tell whether any pattern begins with this."""
        if len(prefix) <= HEADS:
            return prefix in self.heads
        at = bisect_left(self._texts, prefix)
        return at < len(self._texts) and self._texts[at].startswith(prefix)

    def whole(self, text: str) -> Pattern | None:
        """Return the secret of which this is a whole form, if any."""
        pattern = self._found.get(text)
        return pattern if pattern is not None and pattern.whole else None

    def longer(self, text: str) -> bool:
        """Tell whether a longer pattern begins with this."""
        at = bisect_right(self._texts, text)
        return at < len(self._texts) and self._texts[at].startswith(text)

    def past(self, text: str) -> list[str]:
        """Return this beginning with the one character more that a value has behind it."""
        first = bisect_right(self._texts, text)
        size = len(text) + 1
        longer = self._texts[first : first + _MOST_PAST]
        return list(dict.fromkeys(t[:size] for t in longer if t.startswith(text)))

    def run(self, text: str) -> Pattern | None:
        """Return the secret that this run of a value already tells, if any."""
        first = bisect_left(self._texts, text)
        for at in range(first, min(len(self._texts), first + _MOST_LOOKED_AT)):
            if not self._texts[at].startswith(text):
                break
            pattern = self._found[self._texts[at]]
            if len(text) >= pattern.least:
                return pattern
        return None

    def tells(self, text: str) -> bool:
        """Tell whether a text gives away a value, or a run of one, anywhere in it."""
        plain = skeleton(text)
        for start in range(len(plain)):
            for end in range(start + 1, len(plain) + 1):
                part = plain[start:end]
                if not self.viable(part):
                    break
                if self.whole(part) is not None or self.run(part) is not None:
                    return True
        return False

    def __len__(self) -> int:
        return len(self._texts)


EMPTY: Final = Index(())
