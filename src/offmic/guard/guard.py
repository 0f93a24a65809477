"""The guard: text in, segments out; it must never emit what it might yet have to take back.

Nothing here looks at where one chunk ends and the next begins. While nothing is followed, text that
is known to mean nothing passes by the engine: see `lane`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.engine import Engine
from offmic.guard.lane import LONGEST, UNIT, Lane, count_words
from offmic.guard.learned import learn
from offmic.guard.model import Direction, Said
from offmic.guard.policy import Policy
from offmic.guard.probe import Probe, Rest
from offmic.guard.tokens import PIECES, SHAPES, Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offmic.guard.model import Knowledge, Segment

_LOOK_BACK: Final = 7
"""Words that cues are shown of what was let go: one more than they look back to, and one cut."""
_LONGEST_TRAIL: Final = 512
_MOST_JOINED: Final = 3
_BLOCK: Final = 4096
"""Longer chunks are read in pieces of so many characters."""
_UNKNOWN: Final = Rest(-1, -1, 0, 0, None, None, links=False)


class Guard(Engine):
    """A guard for one call and one direction.

    Args:
        knowledge: the vault; it is read again whenever its version changes.
        direction: whose words are guarded.
        policy: what is done with kinds of secrets that are not in the vault.
        values_only: look for the vault's values and nothing else: for text whose examples of
            handles and marks must stay, such as instructions.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        direction: Direction = Direction.OUT,
        policy: Policy | None = None,
        *,
        values_only: bool = False,
    ) -> None:
        super().__init__(direction, policy, values_only=values_only)
        self._knowledge = knowledge
        self._version: int | None = None
        self._direction = direction
        self._values_only = values_only
        self._lane = _NO_LANE
        self._begin()

    def feed(self, chunk: str) -> list[Segment]:
        """Take the next piece of a turn.

        Args:
            chunk: text as it comes, of any length.

        Returns:
            What may go on now and what was diverted, in order.
        """
        if self._knowledge.version != self._version:
            self._learn()
        if len(chunk) > _BLOCK:
            return _joined(
                segment
                for at in range(0, len(chunk), _BLOCK)
                for segment in self.feed(chunk[at : at + _BLOCK])
            )
        self._text += chunk
        self._fed += len(chunk)
        hold = self._advance(self._ahead + chunk)
        if self._marks.inside and self._base == self._marks.hold:
            # What is marked will never be said: there is no need to keep it.
            self._base, self._text = self._fed, ""
        return self._emit_until(hold)

    def flush(self) -> list[Segment]:
        """End the turn: decide everything that was held back.

        Returns:
            The rest of the turn; what is unsure is diverted or dropped.
        """
        if self._knowledge.version != self._version:
            self._learn()
        if self._idle and not self._inbound and self._end_quietly():
            rest = self._emit_until(self._fed)
            if self._untouched:
                self._text, self._base, self._fed, self._latest = "", 0, 0, None
                self._begin()
            else:
                self.discard()
            return rest
        self._catch_up()
        self.finish()
        rest = self._emit_until(self._fed)
        self._reset()
        if self._inbound:
            # What one transcript announces may come in the next.
            self._cues.end_sentence()
            self._slots.resume()
            self._busy = [r for r in self._all if r.busy]
        else:
            self._cues.reset()
        self._begin()
        return rest

    @property
    def holds(self) -> bool:
        """Whether something was fed that is not decided yet."""
        return bool(self._text) or self._marks.inside

    @property
    def held(self) -> str:
        """The text that was fed and is not decided yet."""
        return self._text

    def discard(self) -> None:
        """Forget what is held back; a turn was cancelled or its consumer failed."""
        self._reset()
        self._cues.reset()
        self._begin()

    def _begin(self) -> None:
        """Begin a turn."""
        self._idle = self.calm
        """Whether nothing is followed at the end of what the engine was shown."""
        self._untouched = self._idle
        self._ahead = ""
        """What came since then."""
        self._trail = ""
        self._words = self._stops = 0

    def _learn(self) -> None:
        learned = learn(self._knowledge)
        begun = self._fed > 0
        if begun:
            self._catch_up()
        self._version = learned.version
        self.learn(learned)
        phones, emails = self._policy.phones, self._policy.emails
        of = (self._direction, phones, emails, self._values_only)
        lane = learned.lanes.get(of)
        if lane is None:
            policy = Policy(phones=phones, emails=emails)
            engine = Probe(self._direction, policy, values_only=self._values_only)
            engine.learn(learned)
            lane = learned.lanes[of] = Lane(engine)
        self._lane = lane
        if not begun:
            self._begin()

    def _advance(self, text: str) -> int:
        """Read what came since nothing was followed, or all that is new.

        Returns:
            Where what can still begin or extend a match begins.
        """
        while True:
            if self._idle:
                text, hold = self._pass(text)
                if hold >= 0:
                    self._ahead = text
                    return self._fed - len(text) + hold
                self._step_in(text)
            text = text[self.read(text, self._fed - len(text)) :]
            if not self.calm:
                return min(self._held(), self._first_match())
            self._idle = True

    def _pass(self, text: str) -> tuple[str, int]:
        """Let go what means nothing.

        Returns:
            What is left, and where in it the hold begins; less than zero where it must be read.
        """
        lane = self._lane
        while True:
            rest = lane.rests.get(text, _UNKNOWN)
            if rest is _UNKNOWN:
                if " " in text:
                    text = self._pass_units(text)
                rest = lane.rest(text)
            if rest is None and (more := self._pass_joined(text)):
                text = text[more:]
                continue
            if rest is None or not self._admits(rest):
                return text, -1
            if rest.calm:
                self._note(text[: rest.calm], rest)
                return text[rest.calm :], rest.hold - rest.calm
            return text, rest.hold

    def _pass_units(self, text: str) -> str:
        """Let go the units with which a text begins; return what is left of it."""
        lane = self._lane
        inert = lane.inert_uncued if self._cues.cue is None else lane.inert
        units = UNIT.findall(text)
        passed = "".join(units)
        if inert.issuperset(units) and text.startswith(passed):
            if passed:
                self._note(passed)
            return text[len(passed) :]
        at = 0
        for unit in units:
            if not text.startswith(unit, at):
                break
            rest = None
            if unit not in inert:
                rest = lane.unit(unit)
                if rest is None or not self._admits(rest):
                    break
            self._note(unit, rest)
            at += len(unit)
        return text[at:]

    def _pass_joined(self, text: str) -> int:
        """Let go of two or three units what is open behind the first; return its size."""
        units = UNIT.findall(text, 0, LONGEST)
        for count in range(2, min(len(units), _MOST_JOINED) + 1):
            joined = "".join(units[:count])
            rest = self._lane.rest(joined) if text.startswith(joined) else None
            if rest is not None and rest.calm and self._admits(rest):
                self._note(joined[: rest.calm], rest)
                return rest.calm
        return 0

    def _admits(self, rest: Rest) -> bool:
        """Tell whether text does here what it did where nothing came before."""
        if rest.links and self._cues.cue is not None:
            return False
        return rest.told is None or self._known.halves.admits(rest.told)

    def _note(self, passed: str, rest: Rest | None = None) -> None:
        """Remember what was let go, as far as a cue may look back, and count its words."""
        if rest is None:
            words = counted = count_words(passed)
            begun = None
        else:
            words, counted, begun = rest.words, rest.counted, rest.begun
        self._known.halves.pass_over(words, begun)
        self._words += counted
        self._stops += passed.count(".") + passed.count("?") + passed.count("!")
        self._trail += passed
        if len(self._trail) > _LONGEST_TRAIL:
            self._shorten()

    def _shorten(self) -> None:
        parts = self._trail.rsplit(" ", _LOOK_BACK)
        if len(parts) > _LOOK_BACK:
            self._trail = self._trail[len(parts[0]) + 1 :]

    def _end_quietly(self) -> bool:
        """Let go the end of the turn, if it means nothing; tell whether it does not."""
        rest = self._lane.end(self._ahead)
        if rest is None or not self._admits(rest):
            return False
        self._known.halves.pass_over(rest.words, rest.told)
        return True

    def _step_in(self, text: str) -> None:
        """Let the engine go on from here, as if it had read what was let go."""
        self._shorten()
        last: list[Token] = []
        start = self._fed - len(text) - len(self._trail)
        for piece in PIECES.finditer(self._trail):
            part, at = piece.group(), start + piece.start()
            shape, end, word = SHAPES[part[0]], at + len(part), part.lower()
            last.append(Token(shape, part, at, end, word, before=self._before))
            self._before = part[-1]
        self._stem.begin(self._fed - len(text))
        self._cues.pass_over(last, self._words, self._stops)
        self._idle = self._untouched = False
        self._ahead = self._trail = ""
        self._words = self._stops = 0

    def _catch_up(self) -> None:
        """Let the engine read everything that came."""
        if self._idle:
            text = self._ahead
            self._step_in(text)
            while text:
                text = text[self.read(text, self._fed - len(text)) :]


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    """Return segments with what is said in several pieces as one."""
    joined: list[Segment] = []
    for segment in segments:
        last = joined[-1] if joined else None
        if isinstance(segment, Said) and isinstance(last, Said):
            joined[-1] = Said(last.text + segment.text)
        else:
            joined.append(segment)
    return joined


_NO_LANE: Final = Lane(Probe(Direction.OUT, Policy(), values_only=False))
