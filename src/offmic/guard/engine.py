"""The guard itself: text in, segments out; it must never emit what it might yet have to take back.

Tokens go to the recognisers, which report spans and say where what they still follow begins. The
engine emits what stands before that, and of overlapping spans the one that begins first and is the
longest. Nothing here looks at where one chunk ends and the next begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.blocks import Blocks, Connections
from offmic.guard.cues import Cues
from offmic.guard.fold import fold
from offmic.guard.handles import Handles, Labels
from offmic.guard.ibans import Ibans
from offmic.guard.keys import Keys
from offmic.guard.known import Known
from offmic.guard.marks import Marks
from offmic.guard.match import NOTHING, Match, Recogniser
from offmic.guard.model import Direction, Said, SecretDiverted
from offmic.guard.numbers import Numbers
from offmic.guard.policy import Policy, Treatment, last_four
from offmic.guard.slots import Slots
from offmic.guard.tokens import LONGEST, PIECES, Shape, Token, shape_of

if TYPE_CHECKING:
    from offmic.guard.model import Knowledge, Segment

_RUNS: Final = (Shape.WORD, Shape.DIGITS)


class Guard:
    """A guard for one call and one direction.

    Args:
        knowledge: the vault; it is read again whenever its version changes.
        direction: whose words are guarded.
        policy: what is done with kinds of secrets that are not in the vault.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        direction: Direction = Direction.OUT,
        policy: Policy | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._policy = policy or Policy()
        self._version: int | None = None
        self._matches: list[Match] = []
        self._cues = Cues()
        self._known = Known(self._matches)
        self._handles = Handles(self._matches, direction)
        self._labels = Labels(self._matches)
        self._marks = Marks(self._matches)
        self._recognisers: tuple[Recogniser, ...] = (
            self._known, self._handles, self._marks, Blocks(self._matches),
            Connections(self._matches), Ibans(self._matches), Keys(self._matches),
            Numbers(self._matches, self._cues), Slots(self._matches, self._cues),
            *((self._labels,) if direction is Direction.OUT else ()),
        )  # fmt: skip
        self._reset()

    def feed(self, chunk: str) -> list[Segment]:
        """Take the next piece of a turn.

        Args:
            chunk: text as it comes, of any length.

        Returns:
            What may go on now and what was diverted, in order.
        """
        self._learn()
        self._text += chunk
        if chunk.isascii():
            for piece in PIECES.finditer(chunk):
                text = piece.group()
                if fold(text[0]):
                    self._take(shape_of(text[0]), text, self._fed + piece.start(), 1)
        else:
            for at, char in enumerate(chunk, self._fed):
                for part in fold(char):
                    self._take(shape_of(part), part, at, 0)
        self._fed += len(chunk)
        token = self._open
        if token is None:
            hold = min(r.hold for r in self._recognisers)
        else:
            hold = min(r.peek(token) for r in self._recognisers)
        return self._emit_until(min(hold, self._first_match()))

    def flush(self) -> list[Segment]:
        """End the turn: decide everything that was held back.

        Returns:
            The rest of the turn; what is unsure is diverted or dropped.
        """
        self._learn()
        self._close()
        for recogniser in self._recognisers:
            recogniser.finish()
        self._settle(final=True)
        rest = self._emit_until(self._fed)
        self._reset()
        return rest

    def discard(self) -> None:
        """Forget what is held back; a turn was cancelled or its consumer failed."""
        self._reset()

    def _reset(self) -> None:
        self._text = ""
        self._base = 0
        self._fed = 0
        self._open: Token | None = None
        self._glued = False
        self._ready: list[Segment] = []
        self._matches.clear()
        self._cues.reset()
        for recogniser in self._recognisers:
            recogniser.reset()

    def _learn(self) -> None:
        if self._knowledge.version == self._version:
            return
        self._version = self._knowledge.version
        entries = self._knowledge.entries()
        for reader in (self._known, self._handles, self._labels, self._marks):
            reader.learn(entries)

    def _take(self, shape: Shape, text: str, start: int, step: int) -> None:
        """Read a piece of one shape; runs of letters and of digits go on until something else."""
        if shape not in _RUNS:
            self._close()
            single = Token(shape, text, start, start + 1, text)
            self._known.pass_symbol(text, start, space=shape is Shape.SPACE)
            self._cues.take(single)
            for recogniser in self._recognisers[1:]:
                recogniser.take(single)
            self._glued = False
            self._settle()
            return
        while text:
            token = self._open
            if token is None or token.shape is not shape or len(token.text) >= LONGEST:
                self._close()
                token = self._open = Token(shape, "", start, start, "", self._glued)
                self._known.open(start)
                self._glued = True
            part = text[: LONGEST - len(token.text)]
            token.text += part
            token.word += part.lower()
            token.end = start + len(part) if step else start + 1
            self._known.scan(part, start, step)
            start, text = start + len(part) * step, text[len(part) :]

    def _close(self) -> None:
        token, self._open = self._open, None
        if token is None:
            return
        self._cues.take(token)
        for recogniser in self._recognisers:
            recogniser.take(token)
        self._settle()

    def _first_match(self) -> int:
        return min((match.start for match in self._matches), default=NOTHING)

    def _settle(self, *, final: bool = False) -> None:
        """Commit every match that nothing else can still begin before or outgrow."""
        matches = self._matches
        if not matches:
            return
        matches[:] = [m for m in matches if self._treat(m)]
        while matches:
            first = min(matches, key=lambda m: (m.start, -m.end, m.rank))
            if not final and min(r.hold for r in self._recognisers) <= first.start:
                return
            self._commit(first)
            matches[:] = [m for m in matches if m.end > first.end]

    def _treat(self, match: Match) -> bool:
        """Apply the policy; return whether the match stands."""
        if match.found is None:
            return True
        treatment = self._policy.treat(match.found)
        if treatment is Treatment.LAST_FOUR:
            match.put, match.found = last_four(match.found.value), None
        return treatment is not Treatment.SAY

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
            elif segment == last and isinstance(segment, SecretDiverted):
                continue
            else:
                segments.append(segment)
        return segments
