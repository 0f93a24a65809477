"""Reads text token by token; it must never let a recogniser miss what may begin with one.

Tokens go to the recognisers, which report spans and say where what they still follow begins. The
engine emits what stands before that, and of overlapping spans the one that begins first and is the
longest. Nothing here looks at where one chunk ends and the next begins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from offmic.guard.blocks import Blocks, Connections
from offmic.guard.cues import Cues
from offmic.guard.emails import Emails
from offmic.guard.fold import fold
from offmic.guard.forms import skeleton
from offmic.guard.grouped import Grouped
from offmic.guard.handles import Handles, Labels
from offmic.guard.identifiers import Identifiers
from offmic.guard.index import EMPTY
from offmic.guard.keys import BEGINNINGS as KEY_BEGINNINGS
from offmic.guard.keys import KEY_HEAD, Keys
from offmic.guard.known import RANK_WHOLE, Known
from offmic.guard.literals import Literals
from offmic.guard.marks import Marks
from offmic.guard.match import NOTHING, Follower, Match, Recogniser
from offmic.guard.model import Direction, Said, Via
from offmic.guard.naming import ENTRIES, Naming
from offmic.guard.numbers import Numbers
from offmic.guard.policy import Policy, Treatment, last_four
from offmic.guard.runs import BEGINNINGS as NUMBER_BEGINNINGS
from offmic.guard.slots import RANK_SLOT, Slots
from offmic.guard.stems import Stem
from offmic.guard.tokens import LONGEST, PIECES, SHAPES, Shape, Token, shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offmic.guard.learned import Learned
    from offmic.guard.model import SecretDiverted, Segment

_NAMED_BY_WORDS: Final = frozenset({Via.CONTEXT, Via.PATTERN, Via.MARKED})

_REACH: Final = 10
"""Words behind a cue that no value has to be looked for any more."""
_SIGNS: Final = frozenset("{[<-:$")
"""Signs with which something may begin."""

_BREAKS: Final = frozenset({"", " "})

BEGINNINGS: Final = NUMBER_BEGINNINGS | KEY_BEGINNINGS
"""Beginnings of words with which something may begin; of those with capitals any may."""


class Engine:
    """The recognisers of one guard, and what they have found so far.

    Args:
        direction: whose words are guarded.
        policy: what is done with kinds of secrets that are not in the vault.
        values_only: look for the vault's values and nothing else.
    """

    def __init__(
        self, direction: Direction, policy: Policy | None = None, *, values_only: bool = False
    ) -> None:
        self._text = ""
        self._base = 0
        self._fed = 0
        self._policy = policy or Policy()
        self._inbound = direction is Direction.IN
        self._index = EMPTY
        self._busy: list[Recogniser] = []
        self._matches: list[Match] = []
        self._cues = Cues()
        self._known = Known(self._matches, self._cues)
        self._literals = Literals(self._matches)
        self._handles = Handles(self._matches, direction)
        self._labels = Labels(self._matches)
        self._marks = Marks(self._matches)
        self._slots = Slots(self._matches, self._cues)
        self._all: tuple[Recogniser, ...] = (
            self._handles, self._marks, Blocks(self._matches),
            Connections(self._matches), Grouped(self._matches), Keys(self._matches),
            Numbers(self._matches, self._cues, direction, phones=self._policy.phones),
            self._slots,
            Identifiers(self._matches, self._cues), Naming(self._matches, self._cues),
            *((self._labels,) if direction is Direction.OUT else ()),
            *((Emails(self._matches),) if self._policy.emails else ()),
        )  # fmt: skip
        if values_only:
            self._all = ()
        self._followers: tuple[Follower, ...] = (self._known, self._literals, *self._all)
        self._reset()

    @property
    def calm(self) -> bool:
        """Whether nothing is followed: what comes next is read as at the beginning of a turn."""
        return (
            not self._busy
            and not self._matches
            and self._open is None
            and self._before in _BREAKS
            and self._known.calm
            and self._literals.hold == NOTHING
            and self._cues.fresh is None
            and self._cues.before not in ENTRIES
            and self._cues.previous not in ENTRIES
        )

    def read(self, text: str, start: int) -> int:
        """Read text, up to a space behind which nothing is followed any more.

        Args:
            text: what comes next.
            start: position in the turn of its first character.

        Returns:
            How many characters were read: all of them where something is followed to the end.
        """
        for piece in PIECES.finditer(text):
            part = piece.group()
            at = start + piece.start()
            if (shape := SHAPES.get(part[0])) is not None:
                self._take(shape, part, at, 1)
                if part == " " and self.calm:
                    return piece.end()
            else:
                for alike in fold(part[0]):
                    self._take(shape_of(alike), alike, at, 0)
        return len(text)

    def finish(self) -> None:
        """Read the end of the turn: decide everything that was held back."""
        self._close()
        self._marks.reach(self._fed)
        for recogniser in self._followers:
            recogniser.finish()
        self._settle(final=True)

    @property
    def holds(self) -> bool:
        """Whether something was fed that is not decided yet."""
        return bool(self._text) or self._marks.inside

    @property
    def expects(self) -> bool:
        """Whether what an earlier transcript announced may come in the next one."""
        return bool(self._busy) or self._cues.lately(_REACH)

    def _reset(self) -> None:
        self._text = ""
        self._base = 0
        self._fed = 0
        self._open: Token | None = None
        self._ready: list[Segment] = []
        self._matches.clear()
        for recogniser in self._followers:
            recogniser.reset()
        self._busy = [r for r in self._all if r.busy]
        self._before = ""
        self._stem = Stem()
        self._latest: Segment | None = None

    def learn(self, learned: Learned) -> None:
        """Look for these values from now on, and for no others."""
        self._index = learned.index
        self._known.learn(learned.index)
        self._literals.learn(learned.literals)
        self._handles.learn(learned.handles)
        self._labels.learn(learned.labels)
        self._marks.learn(learned.values)

    def _take(self, shape: Shape, text: str, start: int, step: int) -> None:
        """Read a piece of one shape; runs of letters and of digits go on until something else."""
        if shape is Shape.SPACE or shape is Shape.SYMBOL:
            self._close()
            token = Token(shape, text, start, start + 1, text, before=self._before)
            self._before = text
            self._stem.add(text, start + 1)
            if not self._marks.inside:
                self._known.pass_symbol(text, start, space=shape is Shape.SPACE)
                self._literals.take(token)
                self._cues.take(token)
            self._tell(token, self._all if text in _SIGNS else self._busy)
            return
        while text:
            run = self._open
            if run is None or run.shape is not shape or len(run.text) >= LONGEST:
                glued = run is not None
                self._close()
                if not self._stem.text:
                    self._stem.begin(start)
                stem = self._stem
                run = self._open = Token(
                    shape, "", start, start, "", glued, self._before, stem.text, stem.since()
                )
                self._known.open(start)
            part = text[: LONGEST - len(run.text)]
            run.text += part
            run.word += part.lower()
            run.end = start + len(part) if step else start + 1
            if not self._marks.inside:
                self._known.scan(part, start, step)
            start, text = start + len(part) * step, text[len(part) :]

    def _close(self) -> None:
        token, self._open = self._open, None
        if token is None:
            return
        self._before = token.text[-1]
        self._stem.add(token.text, token.end)
        if not self._marks.inside:
            self._cues.take(token)
            self._known.take(token)
            self._literals.take(token)
        plain = token.text == "I" or self._is_plain(token)
        self._tell(token, self._busy if plain else self._all)

    def _is_plain(self, token: Token) -> bool:
        """Tell whether a word says nothing to a recogniser that is not following something."""
        word = token.word
        return (
            word not in BEGINNINGS
            and word[:KEY_HEAD] not in KEY_BEGINNINGS
            and (token.text[1:] or token.text).islower()
            and self._cues.fresh is None
            and self._cues.before not in ENTRIES
            and self._cues.previous not in ENTRIES
        )

    def _tell(self, token: Token, readers: Sequence[Recogniser]) -> None:
        if readers:
            marked = self._marks.inside
            if marked:
                self._marks.take(token)
            else:
                for recogniser in readers:
                    recogniser.take(token)
                if self._marks.inside:
                    self._enter_mark()
            # Who was not told follows nothing still.
            self._busy = [r for r in (self._all if marked else readers) if r.busy]
        if self._matches:
            self._settle()

    def _enter_mark(self) -> None:
        """Everything else ends where a mark begins, and begins anew behind it."""
        for recogniser in self._followers:
            if recogniser is not self._marks:
                recogniser.finish()
                recogniser.reset()

    def _held(self) -> int:
        """Return where what can still begin or extend a match begins."""
        token = self._open
        if token is None:
            hold = min(self._known.hold, self._literals.hold, self._stem.hold(""))
            return min(hold, *(r.hold for r in self._busy), NOTHING)
        hold = NOTHING
        if not self._marks.inside:
            hold = min(self._known.peek(token), self._literals.peek(token))
        hold = min(hold, self._stem.hold(token.text))
        for recogniser in self._busy if self._is_plain(token) else self._all:
            hold = min(hold, recogniser.peek(token))
        return hold

    def _first_match(self) -> int:
        return min((match.start for match in self._matches), default=NOTHING)

    def _settle(self, *, final: bool = False) -> None:
        """Commit every match that nothing else can still begin before or outgrow."""
        matches = self._matches
        if not matches:
            return
        matches[:] = [m for m in matches if self._treat(m)]
        while matches:
            first = min(matches, key=lambda m: (m.start, m.rank == RANK_SLOT, -m.end, m.rank))
            held = min(
                self._known.hold, self._literals.hold, *(r.hold for r in self._busy), NOTHING
            )
            if not final and held <= first.start:
                return
            if first.rank == RANK_SLOT and self._knows_better(first):
                matches.remove(first)
                continue
            self._commit(first)
            matches[:] = [m for m in matches if m.end > first.end and not _replaces(first, m)]

    def _knows_better(self, slot: Match) -> bool:
        """Tell whether a vault value stands inside what only the words around made a secret."""
        return any(m.rank == RANK_WHOLE and m.end <= slot.end for m in self._matches)

    def _treat(self, match: Match) -> bool:
        """Apply the policy; return whether the match stands."""
        found = match.found
        if found is None:
            return True
        if found.via in _NAMED_BY_WORDS and self._gives_away(found):
            match.found = found = replace(found, label="")
        treatment = self._policy.treat(found)
        if treatment is Treatment.LAST_FOUR:
            match.put, match.found = last_four(found.value), None
        return treatment is not Treatment.SAY

    def _gives_away(self, found: SecretDiverted) -> bool:
        """Tell whether the words that name a secret hold one themselves."""
        label = found.label
        own = skeleton(found.value) in skeleton(label)
        return bool(label) and (own or self._index.tells(label))

    def _commit(self, match: Match) -> None:
        start = max(match.start, self._base)
        self._say(start)
        self._text = self._text[match.end - self._base :]
        self._base = match.end
        if match.found is not None:
            self._ready.append(match.found)
        elif match.put:
            self._ready.append(Said(match.put))

    def _say(self, until: int) -> None:
        size = until - self._base
        if size > 0:
            self._ready.append(Said(self._text[:size]))
            self._text = self._text[size:]
            self._base = until

    def _emit_until(self, position: int) -> list[Segment]:
        self._say(min(position, self._fed))
        ready, self._ready = self._ready, []
        segments: list[Segment] = []
        for segment in ready:
            last = segments[-1] if segments else None
            if isinstance(segment, Said) and isinstance(last, Said):
                segments[-1] = Said(last.text + segment.text)
            elif isinstance(segment, Said) or segment != self._latest:
                # The same value again, with nothing between, is one secret in pieces.
                segments.append(segment)
            self._latest = segment
        return segments


def _replaces(known: Match, other: Match) -> bool:
    """Tell whether a vault value stands for what only the words around made a secret."""
    slot = other.rank == RANK_SLOT and known.rank == RANK_WHOLE
    return slot and other.start < known.end
