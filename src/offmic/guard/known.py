"""Finds vault values in any written or spoken form; it must never report one that is not there.

Every place where a value could begin is followed as a path through the index: letters and digits
go one character at a time, spoken words in one step when they are complete, and what stands between
(spaces, dashes, markup, symbols and their names) leaves a path where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.forms import MIN_RUN
from offmic.guard.halves import Halves
from offmic.guard.index import EMPTY, HEADS, Index
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.plainwords import COMMON, looks_everyday
from offmic.guard.steps import LONGEST_GAP, STEPS, WORD_BEGINNINGS, Path, step, widen
from offmic.guard.tokens import Shape

if TYPE_CHECKING:
    from offmic.guard.cues import Cues
    from offmic.guard.index import Pattern
    from offmic.guard.tokens import Token

RANK_WHOLE: Final = 0
RANK_RUN: Final = 1

_LONGEST_TAG: Final = 200
_BESIDE: Final = 40
_CONTEXT: Final = 8
_LEET: Final = {
    "0": "o", "1": "li", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "2": "z", "@": "a", "$": "s", "!": "i", "+": "t", "|": "l", "(": "c", "€": "e", "£": "l",
}  # fmt: skip
# What a path waits for that only a word can give.
_WAITING: Final = frozenset({"as", "in"})
_OPENS: Final = {"<": ">", "{": "}"}


class Known:
    """The recogniser of vault values.

    Args:
        matches: where found matches go.
        cues: the words around, which decide over runs that are everyday words or years.
    """

    def __init__(self, matches: list[Match], cues: Cues) -> None:
        self._matches = matches
        self._cues = cues
        self._index: Index = EMPTY
        self.halves = Halves()
        self.spared = False
        """Whether a run was let go that would not be in the context of a secret."""
        self._fresh_words: frozenset[str] = frozenset()
        self.reset()

    def learn(self, index: Index) -> None:
        """Look for these values from now on, and for no others."""
        self._index = index
        self._fresh_words = index.words

    @property
    def calm(self) -> bool:
        """Whether it follows nothing and waits for nothing."""
        return not (
            self._paths
            or self._recent
            or self._outside
            or self._closer
            or self._tail is not None
            or self.halves.waiting
        )

    def renew(self) -> None:
        """Forget what was read in earlier turns."""
        self.halves = Halves()
        self.spared = False

    def reset(self) -> None:
        """Forget the turn."""
        self._paths: list[Path] = []
        self._last_run = ("", -_BESIDE - 1)
        self._recent = ""
        self._recent_end = 0
        self._before: list[Path] = []
        self._token_start = 0
        self._tail: tuple[list[Match], str] | None = None
        self._outside: list[Path] = []
        self._closer = ""
        self._tag_start = 0
        self.hold = NOTHING

    def open(self, start: int) -> None:
        """A token begins at this position."""
        self._settle_recent(space=False)
        self._token_start = start
        for read in self.halves.resume():
            # "The first half", rounded down, and "the last half" leave out one in the middle.
            gaps = self._index.past(read) if len(read) >= MIN_RUN else []
            for so_far in (read, *gaps):
                path = Path(start, so_far, start, aligned=True, solid=True)
                self._paths = [*self._paths, path]
        self._before = self._paths

    def scan(self, text: str, start: int, step: int) -> None:
        """Follow every path through the letters or digits of (a part of) a token.

        Args:
            text: characters as they read.
            start: position of the first.
            step: 1 where each character is one code point, 0 where all of them are the same one.
        """
        if not step or start != self._recent_end or self._index.shortest < HEADS:
            self._settle_recent(space=False)
        heads, viable, shortest = self._index.heads, self._index.viable, self._index.shortest
        pos = start
        for c in text.lower():
            if self._tail is not None:
                self._extend_tail(c, pos)
            if c in _LEET or not step or shortest < HEADS:
                self._scan_alike(c, pos)
                pos += step
                continue
            paths: list[Path] = []
            for path in self._paths:
                begun, so_far, _, _, times, number, explains, aligned, solid = path
                if number is not None or explains in _WAITING:
                    continue
                read = so_far + (c if times == 1 else c * times)
                if read in heads if len(read) <= HEADS else viable(read):
                    solid = solid or begun < self._token_start
                    paths.append(Path(begun, read, pos + 1, 0, 1, None, "", aligned, solid))
            recent = self._recent + c
            if len(recent) == HEADS:
                if recent in heads:
                    begun = pos - HEADS + 1
                    aligned = begun == self._token_start
                    paths.append(Path(begun, recent, pos + 1, aligned=aligned))
                recent = recent[1:]
            self._recent = recent
            pos += 1
            self._recent_end = pos
            self._paths = paths
            for path in paths:
                if len(path.read) >= shortest:
                    self._accept_whole()
                    break

    def _settle_recent(self, *, space: bool) -> None:
        """Turn the last characters into paths, where a value may begin with them.

        Behind a space only what began with its word goes on, unless some value has a space there.
        """
        recent, self._recent = self._recent, ""
        for size in range(len(recent), 0, -1):
            start = self._recent_end - size
            aligned = start == self._token_start
            if recent[-size:] in self._index.heads and (
                aligned or not space or self._index.early_space
            ):
                path = Path(start, recent[-size:], self._recent_end, aligned=aligned)
                self._paths = [*self._paths, path]

    def _recent_start(self) -> int:
        """Return where the longest beginning of a value among the last characters begins."""
        recent = self._recent
        for size in range(len(recent), 0, -1):
            if recent[-size:] in self._index.heads:
                return self._recent_end - size
        return NOTHING

    def _scan_alike(self, c: str, pos: int) -> None:
        """Follow every path through a character that may stand for another one as well."""
        self._settle_recent(space=False)
        heads, viable = self._index.heads, self._index.viable
        digit = c.isdigit()
        paths: list[Path] = []
        reads = c + _LEET.get(c, "")
        begun_here = self._token_start
        for start, so_far, _, _, times, number, explains, aligned, solid in self._paths:
            if number is not None or explains in _WAITING:
                continue
            for r in reads:
                read = so_far + (r if times == 1 else r * times)
                if read in heads if len(read) <= HEADS else viable(read):
                    firm = solid or digit or start < begun_here
                    paths.append(Path(start, read, pos + 1, 0, 1, None, "", aligned, firm))
        aligned = pos == begun_here
        paths += [
            Path(pos, r, pos + 1, 0, 1, None, "", aligned, solid=digit) for r in reads if r in heads
        ]
        self._paths = paths
        shortest = self._index.shortest
        for path in paths:
            if len(path.read) >= shortest:
                self._accept_whole()
                break

    def pass_symbol(self, c: str, start: int, *, space: bool) -> None:
        """Read one character that is neither letter nor digit."""
        self._extend_tail(c, start)
        self._settle_recent(space=space)
        if space and not self._paths and not self._closer:
            self._set_hold()
            return
        index = self._index
        paths = [
            widen(p)
            for p in self._paths
            if p.gap < LONGEST_GAP
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
            paths += [widen(p) for p in self._outside]
            self._outside, self._closer = [], ""
        elif c in _OPENS and not self._closer and self._paths:
            self._outside, self._closer, self._tag_start = list(self._paths), _OPENS[c], start

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return True

    def take(self, token: Token) -> None:
        """Read the word or the digits that are now complete."""
        if self._closer and token.end - self._tag_start > _LONGEST_TAG:
            self._outside, self._closer = [], ""
        if token.shape is Shape.WORD and (self._before or token.word in self._fresh_words):
            word = token.word
            jumps: list[Path] = []
            means = word in STEPS
            for path in self._before:
                if means or path.number is not None or path.explains:
                    jumps += step(path, word, token.end, self._index.viable)
            if word in self._fresh_words:
                origin = Path(token.start, "", token.end, aligned=True, solid=True)
                jumps += step(origin, word, token.end, self._index.viable, fresh=True)
            if jumps:
                self._settle_recent(space=False)
                self._paths = self._fewest(self._paths + jumps)
                self._accept_whole()
        if token.shape is Shape.WORD:
            self.halves.take(token.word)
        for path in self._paths:
            if path.aligned and path.end == token.end and not path.number and not path.gap:
                if path.start < token.start or token.word not in COMMON:
                    self.halves.remember(path.read)
                if len(path.read) >= _SHORTEST_RUN:
                    self._accept_run(path)
        self._set_hold()

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        hold = self._recent_start()
        for path in self._paths:
            hold = min(hold, path.start)
        if self._outside:
            hold = min(hold, *(p.start for p in self._outside))
        if self._tail is not None:
            hold = min(hold, *(m.start for m in self._tail[0]))
        if token.shape is Shape.WORD:
            if self._before and (token.word in WORD_BEGINNINGS or self._explained(token.word)):
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
        hold = self._recent_start()
        for p in self._paths:
            hold = min(hold, p.start)
        for p in self._outside:
            hold = min(hold, p.start)
        if self._tail is not None:
            hold = min(hold, *(m.start for m in self._tail[0]))
        self.hold = hold

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
        if path.explains or (pattern := self._index.run(path.read)) is None:
            return
        beside = pattern.entry.handle == self._last_run[0] and (
            path.start - self._last_run[1] <= _BESIDE
        )
        jumbled = pattern.jumbled and path.read.isalpha() and len(path.read) >= MIN_RUN
        everyday = not jumbled and looks_everyday(path.read, solid=path.solid)
        told = self.halves.near or self._cues.lately(_CONTEXT)
        if everyday and not beside and not told:
            self.spared = True
            return
        self._last_run = (pattern.entry.handle, path.end)
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
        kept: dict[tuple[object, ...], Path] = {}
        for path in sorted(paths, key=lambda p: (p.start, p.gap)):
            kept.setdefault((path.read, path.times, path.number, path.explains), path)
        return list(kept.values())


_SHORTEST_RUN: Final = MIN_RUN - 1
_DEAD: Final = Path(NOTHING, "", NOTHING)
