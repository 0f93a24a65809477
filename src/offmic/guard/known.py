"""Finds vault values in any written or spoken form; it must never report one that is not there.

Every place where a value could begin is followed as a path through the index: letters and digits
go one character at a time, spoken words in one step when they are complete, and what stands between
(spaces, dashes, markup, symbols and their names) leaves a path where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from offmic.guard.index import EMPTY, Index
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.spoken import (
    LETTER_NAMES,
    NATO,
    ORDINALS,
    READINGS,
    SCALES,
    SILENT,
    SYMBOLS,
    TIMES,
    VALUES,
    prefixes,
    words,
)  # fmt: skip
from offmic.guard.tokens import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offmic.guard.index import Pattern
    from offmic.guard.tokens import Token
    from offmic.secrets.vault import VaultEntry

RANK_WHOLE: Final = 0
RANK_RUN: Final = 5

_LONGEST_GAP: Final = 24
_LONGEST_TAG: Final = 200
_LEET: Final = {
    "0": "o", "1": "li", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "2": "z", "@": "a", "$": "s", "!": "i", "+": "t", "|": "l", "(": "c", "€": "e", "£": "l",
}  # fmt: skip
_EXPLAINS: Final = frozenset({"as", "for", "like"})
_CASES: Final = words("capital uppercase lowercase cap")
_OPENS: Final = {"<": ">", "{": "}"}
# Names of letters that are everyday words: they count inside a run, never as its beginning.
_EVERYDAY: Final = words("be see sea are you why tea eye owe ex ar")

Cardinal: TypeAlias = tuple[int, int]


class Path(NamedTuple):
    """One way in which what was read may become a value."""

    start: int
    read: str
    end: int
    gap: int = 0
    times: int = 1
    number: Cardinal | None = None
    explains: str = ""
    aligned: bool = False
    solid: bool = False


class Known:
    """The recogniser of vault values.

    Args:
        matches: where found matches go.
    """

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self._index: Index = EMPTY
        self._fresh_words: frozenset[str] = frozenset()
        self.reset()

    def learn(self, entries: Sequence[VaultEntry]) -> None:
        """Look for these values from now on, and for no others."""
        self._index = Index(entries)
        viable = self._index.viable
        spoken = [w for w, r in READINGS.items() if viable(r) or viable(r[0])]
        spoken += [w for w, r in NATO.items() if viable(r)]
        spoken += [w for w, r in LETTER_NAMES.items() if viable(r) and w not in _EVERYDAY]
        spoken += [w for w, o in ORDINALS.items() if viable(str(o)[0])]
        spoken += (*TIMES, *_CASES) if len(self._index) else ()
        self._fresh_words = prefixes(spoken)

    def reset(self) -> None:
        """Forget the turn."""
        self._paths: list[Path] = []
        self._before: list[Path] = []
        self._token_start = 0
        self._tail: tuple[list[Match], str] | None = None
        self._outside: list[Path] = []
        self._closer = ""
        self._tag_start = 0
        self.hold = NOTHING

    def open(self, start: int) -> None:
        """A token begins at this position."""
        self._token_start = start
        self._before = self._paths

    def scan(self, text: str, start: int, step: int) -> None:
        """Follow every path through the letters or digits of (a part of) a token.

        Args:
            text: characters as they read.
            start: position of the first.
            step: 1 where each character is one code point, 0 where all of them are the same one.
        """
        viable = self._index.viable
        token_start = self._token_start
        pos = start
        for c in text.lower():
            fresh = viable(c)
            if self._paths or fresh or self._tail is not None or c in _LEET:
                self._extend_tail(c, pos)
                digit = c.isdigit()
                paths: list[Path] = []
                reads = c + _LEET.get(c, "")
                for path in self._paths:
                    if path.number is not None or path.explains not in {"", "case"}:
                        continue
                    begun = path.start
                    solid = path.solid or digit or begun < token_start
                    for i, r in enumerate(reads):
                        read = path.read + r * path.times
                        if viable(read):
                            paths.append(Path(begun, read, pos + 1, aligned=path.aligned,
                                              solid=solid or i > 0))  # fmt: skip
                paths += [
                    Path(pos, r, pos + 1, aligned=pos == token_start, solid=digit)
                    for r in reads
                    if viable(r)
                ]
                self._paths = paths
                if paths:
                    self._accept_whole()
            pos += step

    def pass_symbol(self, c: str, start: int, *, space: bool) -> None:
        """Read one character that is neither letter nor digit."""
        self._extend_tail(c, start)
        index = self._index
        paths = [
            p._replace(gap=p.gap + 1)
            for p in self._paths
            if p.gap < _LONGEST_GAP
            and (p.read or p.number or p.times > 1 or p.explains or not space)
        ]
        if not space:
            for r in _LEET.get(c, "") + (c if c in index.symbols else ""):
                for path in self._paths:
                    read = path.read + r * path.times
                    if not path.number and not path.explains and index.viable(read):
                        paths.append(Path(path.start, read, start + 1, aligned=path.aligned,
                                          solid=True))  # fmt: skip
                if index.viable(r):
                    paths.append(Path(start, r, start + 1, aligned=True, solid=True))
            if c in index.leading or c == "%":
                paths.append(Path(start, "", start + 1, aligned=True))
            self._pass_markup(c, start, paths)
        elif self._closer == ">" and start == self._tag_start + 1:
            self._outside, self._closer = [], ""
        self._paths = self._fewest(paths)
        if not space:
            self._accept_whole()
        self._set_hold()

    def _pass_markup(self, c: str, start: int, paths: list[Path]) -> None:
        if c == self._closer and start - self._tag_start <= _LONGEST_TAG:
            paths += [p._replace(gap=p.gap + 1) for p in self._outside]
            self._outside, self._closer = [], ""
        elif c in _OPENS and not self._closer and self._paths:
            self._outside, self._closer, self._tag_start = list(self._paths), _OPENS[c], start

    def take(self, token: Token) -> None:
        """Read the word or the digits that are now complete."""
        if self._closer and token.end - self._tag_start > _LONGEST_TAG:
            self._outside, self._closer = [], ""
        if token.shape is Shape.WORD:
            word = token.word
            jumps: list[Path] = []
            for path in self._before:
                self._step(path, word, token, jumps)
            if word in self._fresh_words:
                origin = Path(token.start, "", token.end, aligned=True, solid=True)
                self._step(origin, word, token, jumps, fresh=True)
            if jumps:
                self._paths = self._fewest(self._paths + jumps)
                self._accept_whole()
        for path in self._paths:
            if path.aligned and path.end == token.end and len(path.read) > 3:
                self._accept_run(path)
        self._set_hold()

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        hold = min((p.start for p in self._paths), default=NOTHING)
        if self._outside:
            hold = min(hold, *(p.start for p in self._outside))
        if self._tail is not None:
            hold = min(hold, *(m.start for m in self._tail[0]))
        if token.shape is Shape.WORD:
            if self._before and (token.word in _WORD_BEGINNINGS or self._explained(token.word)):
                hold = min(hold, *(p.start for p in self._before))
            if token.word in self._fresh_words:
                hold = min(hold, token.start)
        return hold

    def finish(self) -> None:
        """Read the end of the turn."""
        self.hold = NOTHING

    def _explained(self, word: str) -> bool:
        return any(p.explains == "in" and p.read[-1] == word[0] for p in self._before)

    def _set_hold(self) -> None:
        hold = NOTHING
        for p in self._paths:
            hold = min(hold, p.start)
        for p in self._outside:
            hold = min(hold, p.start)
        if self._tail is not None:
            hold = min(hold, *(m.start for m in self._tail[0]))
        self.hold = hold

    def _step(
        self, path: Path, word: str, token: Token, out: list[Path], *, fresh: bool = False
    ) -> None:
        """Follow one path through one spoken word."""
        start, read, end, gap, times, number, explains, aligned, _ = path
        viable = self._index.viable

        def reach(text: str) -> None:
            if viable(text):
                out.append(Path(start, text, token.end, aligned=True, solid=True))

        if explains == "case":
            explains, fresh = "", True
        elif explains:
            if explains == "in" and read and word[0] == read[-1]:
                out.append(Path(start, read, token.end, aligned=aligned, solid=True))
            elif explains == "as" and word == "in":
                out.append(path._replace(explains="in", gap=gap + 1))
            return
        if number is not None:
            self._count(path, number, word, token, out)
            return
        if not (aligned or fresh):
            return
        if (reading := READINGS.get(word)) is not None:
            reach(read + reading * times)
            if times == 1 and word in VALUES and viable(read + reading[0]):
                cardinal = (0, VALUES[word])
                out.append(Path(start, read, end, number=cardinal, aligned=True, solid=True))
        elif word in ORDINALS:
            reach(read + str(ORDINALS[word]))
        if (letter := NATO.get(word) or LETTER_NAMES.get(word)) is not None:
            reach(read + letter * times)
            if times == 2 and letter == "u":
                reach(read + "w")
        if times == 2 and word == "u":
            reach(read + "w")
        if fresh and word in _CASES:
            out.append(Path(start, "", token.end, times=1, explains="case", aligned=True))
        if word in TIMES and times == 1:
            out.append(Path(start, read, end, times=TIMES[word], aligned=True, solid=True))
        if not read or gap >= _LONGEST_GAP:
            return
        if word in SYMBOLS:
            reach(read + SYMBOLS[word])
        if word in SYMBOLS or word in SILENT:
            out.append(path._replace(gap=gap + 2))
        elif word in _EXPLAINS and times == 1:
            out.append(path._replace(explains="as" if word == "as" else "in", gap=gap + 1))

    def _count(
        self, path: Path, number: Cardinal, word: str, token: Token, out: list[Path]
    ) -> None:
        """Follow a path that is in the middle of a number such as "forty-eight hundred"."""
        if word == "and":
            out.append(path._replace(gap=path.gap + 1))
            return
        total, current = number
        if (value := VALUES.get(word, ORDINALS.get(word))) is not None:
            low = current % 100
            fits = (low == 0 or (low >= 20 and low % 10 == 0)) if value < 10 else low == 0
            if not fits or (value == 0):
                return
            current += value
        elif word == "hundred" and 0 < current < 100:
            current *= 100
        elif word == "thousand" and 0 < current < 1000 and not total:
            total, current = current * 1000, 0
        else:
            return
        read = path.read + str(total + current)
        if self._index.viable(read):
            out.append(Path(path.start, read, token.end, aligned=True, solid=True))
        # What a longer number would begin with: "four thousand" may become 4821.
        head = str(total // 1000 or current).rstrip("0")
        if self._index.viable(path.read + head):
            out.append(path._replace(number=(total, current), gap=0))

    def _accept_whole(self) -> None:
        index = self._index
        ended: list[Match] = []
        for i, path in enumerate(self._paths):
            if len(path.read) < index.shortest or path.gap or path.number or path.explains:
                continue
            pattern = index.whole(path.read)
            if pattern is None:
                continue
            match = self._report(pattern, path, RANK_WHOLE)
            if pattern.tail:
                ended.append(match)
                self._tail = (ended, pattern.tail)
            if not index.longer(path.read):
                self._paths[i] = _DEAD
        if _DEAD in self._paths:
            self._paths = [p for p in self._paths if p is not _DEAD]

    def _accept_run(self, path: Path) -> None:
        if path.gap or path.number or path.explains or not path.solid:
            return
        if (pattern := self._index.run(path.read)) is not None:
            self._report(pattern, path, RANK_RUN)

    def _report(self, pattern: Pattern, path: Path, rank: int) -> Match:
        entry = pattern.entry
        found = SecretDiverted(entry.label, entry.kind, entry.value, Via.VAULT, entry.handle)
        match = Match(path.start, path.end, rank, found)
        self._matches.append(match)
        return match

    def _extend_tail(self, c: str, pos: int) -> None:
        if self._tail is None:
            return
        ended, rest = self._tail
        if c == rest[0]:
            for match in ended:
                match.end = pos + 1
            self._tail = (ended, rest[1:]) if len(rest) > 1 else None
        else:
            self._tail = None

    @staticmethod
    def _fewest(paths: list[Path]) -> list[Path]:
        """Keep, of paths that have read the same, the one that began first."""
        if len(paths) < 2:
            return paths
        kept: dict[tuple[str, int, Cardinal | None, str], Path] = {}
        for path in sorted(paths, key=lambda p: (p.start, p.gap)):
            kept.setdefault((path.read, path.times, path.number, path.explains), path)
        return list(kept.values())


_DEAD: Final = Path(NOTHING, "", NOTHING)
_WORD_BEGINNINGS: Final = prefixes(
    (*READINGS, *NATO, *LETTER_NAMES, *ORDINALS, *TIMES, *SYMBOLS, *SILENT, *SCALES, *_EXPLAINS)
)
