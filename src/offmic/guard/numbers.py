"""Finds secrets made of digits: cards, codes, account and national numbers; prices and dates pass.

A checksum raises confidence, it is no gate: with the right words around it a number is a secret
without one, and those words may come before or after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from offmic.guard.amounts import (
    MONEY,
    is_amount,
    is_announced_phone,
    is_any_phone,
    is_date,
    is_ending,
    is_phone,
)
from offmic.guard.checks import luhn, nhs
from offmic.guard.cues import Cue
from offmic.guard.cuewords import Slot
from offmic.guard.leads import number_after
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import Direction, SecretDiverted, Via
from offmic.guard.runs import Run
from offmic.guard.shapes import kind_by_shape
from offmic.guard.spoken import prefixes, words
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.cues import Cues
    from offmic.guard.runs import Group
    from offmic.guard.tokens import Token

RANK_NUMBER: Final = 2
_SHORTEST_CARD: Final = 13
_LONGEST_CARD: Final = 19
_CARD_REACH: Final = 10
# A recogniser of speech may end a transcript in the middle of a number.
_SHORTEST_PIECE: Final = 6
_SHORTEST_DIRECT: Final = 4
_DIRECT: Final = 3


class Rule(NamedTuple):
    """How many digits a kind has, and how far from its cue it may stand."""

    least: int
    most: int
    reach: int
    stops: int


_RULES: Final = {
    Kind.CODE: Rule(4, 10, 6, 0),
    Kind.OTP: Rule(4, 10, 8, 0),
    Kind.CARD: Rule(12, 19, 10, 2),
    Kind.ACCOUNT: Rule(5, 20, 10, 1),
    Kind.SSN: Rule(9, 16, 6, 1),
    Kind.GOV_ID: Rule(7, 20, 6, 0),
}
# The three digits on a card have no other name.
_OF_THREE: Final = words("cvv cvc cvv2 cid csc security")
_SHORTEST: Final = 3
_MOST_AT_ONCE: Final = 40
_STOPS: Final = frozenset(".?!")
_BEFORE_STOP: Final = 2
_LED: Final = Rule(4, 8, 0, 0)
# Short numbers are in many sentences about codes: they need "is", a colon or the code beside them.
_LINKED: Final = {Kind.CODE, Kind.OTP}
_AMOUNT_BEFORE: Final = words("of in at by than over under about within after before from to least")
# "Use 482913 to verify your number."
_USES: Final = words("use enter type try code using with")
_VERIFIED: Final = words(
    "verify confirm log sign login authenticate authorize authorise unlock open activate access"
    " proceed complete reset approve"
)
_TIME_BEFORE: Final = words("at by until till before after since")
_ONTO: Final = words("at on into to for")
_AFTER_STARTS: Final = words("is as was this that ist es are") | _ONTO
_AFTER_COMMA: Final = words("that thats")
_AFTER_SECOND: Final = words("is s your the my our dein ihr su his her what account")
_PLAIN_STARTS: Final = (
    ["is"], ["this"], ["that"], [",", "that"], [",", "thats"]
)  # fmt: skip
_KEYPADS: Final = words("keypad panel")
_TYPED: Final = words("type enter punch key input")
_MOST_AFTER: Final = 9
_LONGEST_JOINED: Final = 4
_AFTER_BEGINNINGS: Final = prefixes(_AFTER_STARTS)


class Numbers:
    """The recogniser of secrets made of digits."""

    def __init__(
        self, matches: list[Match], cues: Cues, direction: Direction, *, phones: bool = False
    ) -> None:
        self._phones = phones
        self._matches = matches
        self._inbound = direction is Direction.IN
        self._cues = cues
        self._run = Run()
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._run.clear()
        self._joint = -1
        self._joined = False
        self._cue: Cue | None = None
        self._card: Cue | None = None
        self._lead: Cue | None = None
        self._lead_in: list[str] = []
        self._linked = self._used = False
        self._words_since = self._stops_since = 0
        self._ended: list[tuple[int, int, str]] = []
        self._after: list[str] = []
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return self._run.start != NOTHING or bool(self._ended)

    def take(self, token: Token) -> None:
        """Read a complete token."""
        run = self._run
        idle = run.start == NOTHING
        if (
            idle
            and self._ended
            and (
                (self._after and token.word == "one")
                or (len(self._after) > 1 and token.shape is Shape.DIGITS and len(token.text) < 3)
            )
        ):
            # "… is your one-time code", "… is your 6-digit code"
            self._look_after(token)
        elif run.take(token, self._cues.before):
            if idle:
                self._begin(token)
        else:
            if not idle:
                self._end_run(token)
                self._joint = token.end if token.text in {":", "/"} else -1
            if self._ended:
                self._look_after(token)
        self.hold = self._held()

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        run = self._run
        if run.start == NOTHING:
            if self._ended:
                return self.hold if self._may_explain(token.word) else NOTHING
            return token.start if run.goes_on(token) else NOTHING
        if run.goes_on(token):
            return run.start
        found = self._find(token, complete=False)
        if found is not None:
            return found.start
        return run.start if self._explainable() and self._may_explain(token.word) else NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        self._end_run(None)
        self.reset()

    def _held(self) -> int:
        if self._run.start != NOTHING:
            return self._run.start
        return self._ended[0][0] if self._ended else NOTHING

    def _end_run(self, token: Token | None) -> None:
        found = self._find(token)
        if found is not None:
            self._matches += self._one_by_one(found)
        elif self._explainable():
            groups = self._run.groups
            self._used = self._run.before in _USES
            self._ended = [(groups[0].start, groups[-1].end, self._run.text())]
            self._after = []
        self._run.clear()

    def _one_by_one(self, match: Match) -> list[Match]:
        """Take several codes apart: "the codes are 482 195, 112 233"."""
        found, groups = match.found, self._run.groups
        if found is None or found.kind not in _LINKED or self._run.quantity:
            return [match]
        parts: list[list[Group]] = []
        for group in groups:
            if not parts or "," in group.gap:
                parts.append([])
            parts[-1].append(group)
        rule = _RULES[found.kind]
        values = ["".join(g.digits for g in part) for part in parts]
        several = found.label.lower().endswith("s") or len(found.value) > rule.most
        if not several or not all(rule.least <= len(v) <= rule.most for v in values):
            return [match]
        return [
            Match(part[0].start, part[-1].end, RANK_NUMBER, replace(found, value=value))
            for part, value in zip(parts, values, strict=True)
        ]

    def _explainable(self) -> bool:
        run = self._run
        if run.glued or run.before in MONEY or run.before in _TIME_BEFORE:
            return False
        return _SHORTEST < len(run.text()) <= _LONGEST_CARD

    # What comes after a number may tell what it was: "512665 is your verification code".

    def _may_explain(self, word: str) -> bool:
        if not self._after:
            return word in _AFTER_BEGINNINGS
        if self._after == [","]:
            return any(w.startswith(word) for w in _AFTER_COMMA)
        if self._after in _PLAIN_STARTS:
            return any(w.startswith(word) for w in _AFTER_SECOND)
        return True

    def _look_after(self, token: Token) -> None:
        if token.shape is Shape.SPACE:
            if token.text == "\n":
                self._ended = []
            return
        if token.shape is not Shape.WORD:
            if token.text in "([-," and not self._after:
                self._after.append("," if token.text == "," else "(")
            elif token.text not in "()-'/&" and token.shape is not Shape.DIGITS:
                self._ended = []
            return
        if len(self._after) >= _MOST_AFTER or not self._explains(token.word):
            self._ended = []
            return
        self._after.append(token.word)
        cue = self._cues.fresh
        start, end, digits = self._ended[0]
        if self._after == ["to", token.word]:
            if token.word in _VERIFIED and self._used:
                self._report(start, end, Kind.OTP, digits, Via.CONTEXT, "")
            self._ended = []
            return
        if token.word in _KEYPADS or (token.word in _TYPED and "what" in self._after[:3]):
            kind = Kind.CODE if token.word in _KEYPADS else Kind.OTP
            self._report(start, end, kind, digits, Via.CONTEXT, "")
            self._ended = []
            return
        of_code = self._after[0] == "for" and cue is not None and cue.kind in _LINKED
        if self._after[0] in _ONTO and not of_code:
            return
        if cue is not None and (rule := _RULES.get(cue.kind)) is not None:
            if rule.least <= len(digits) <= rule.most:
                self._report(start, end, cue.kind, digits, Via.CONTEXT, cue.label)
                self._ended = []
        elif cue is not None and cue.kind is Kind.PASSWORD:
            self._report(start, end, Kind.OTP, digits, Via.CONTEXT, cue.label)
            self._ended = []

    def _explains(self, word: str) -> bool:
        if not self._after:
            return word in _AFTER_STARTS
        if self._after == [","]:
            return word in _AFTER_COMMA
        if self._after in _PLAIN_STARTS:
            return word in _AFTER_SECOND
        return True

    def _report(self, start: int, end: int, kind: Kind, digits: str, via: Via, label: str) -> None:
        found = SecretDiverted(label, kind, digits, via)
        self._matches.append(Match(start, end, RANK_NUMBER, found))

    # What a number is by itself or by the words before it.

    def _find(self, token: Token | None, *, complete: bool = True) -> Match | None:
        run = self._run
        if not run.groups:
            return None
        digits = run.text()
        glued = run.glued or (token is not None and token.shape is Shape.WORD and token.glued)
        cue = self._cue_of(len(digits))
        personal = cue is not None and cue.kind is Kind.GOV_ID and self._linked
        card = None if glued or personal else self._find_card()
        if card is not None:
            return card
        if not run.quantity and (kind := kind_by_shape(run.groups, digits)) is not None:
            if cue is not None and cue.kind is kind:
                return self._match(kind, digits, Via.CONTEXT, cue.label)
            return self._match(kind, digits, Via.PATTERN)
        cue = cue or self._led_by(len(digits))
        if run.quantity and (cue is None or cue.kind not in _LINKED):
            return None
        after = token.word if token is not None and complete else ""
        if cue is not None and not glued and not self._is_something_else(digits, after):
            kind = Kind.CODE if len(digits) == _SHORTEST else cue.kind
            return self._match(kind, digits, Via.CONTEXT, cue.label)
        if self._phones and not glued and is_any_phone(self._run, digits):
            return self._match(Kind.OTHER, digits, Via.PATTERN, "phone number")
        return None

    def _led_by(self, size: int) -> Cue | None:
        """Return what leads up to the number, if it fits this many digits."""
        sizes = [len(g.digits) for g in self._run.groups]
        fits = _LED.least <= size <= _LED.most and sizes != [3, 4]
        return self._lead if fits else None

    def _match(self, kind: Kind, digits: str, via: Via, label: str = "") -> Match:
        groups = self._run.groups
        found = SecretDiverted(label, kind, digits, via)
        return Match(groups[0].start, groups[-1].end, RANK_NUMBER, found)

    def _find_card(self) -> Match | None:
        groups = list(self._run.groups)
        label = self._card.label if self._card is not None else ""
        for first in range(len(groups)):
            best: Match | None = None
            digits = ""
            for last in range(first, len(groups)):
                digits += groups[last].digits
                if len(digits) > _LONGEST_CARD:
                    break
                if len(digits) >= _SHORTEST_CARD and luhn(digits) and digits[0] in "123456":
                    found = SecretDiverted(label, Kind.CARD, digits, Via.PATTERN)
                    best = Match(groups[first].start, groups[last].end, RANK_NUMBER, found)
            if best is not None:
                return best
        digits = self._run.text()
        four = [len(g.digits) for g in groups] == [4, 4, 4, 4]
        least = _SHORTEST_PIECE if self._inbound else _SHORTEST_CARD
        if four or (self._card is not None and least <= len(digits) <= _LONGEST_CARD):
            return self._match(Kind.CARD, digits, Via.CONTEXT, label)
        return None

    def _cue_of(self, size: int) -> Cue | None:
        """Return the cue before the number, if it fits this many digits and was near enough."""
        cue = self._cue
        rule = _RULES.get(cue.kind) if cue is not None else None
        if cue is None or rule is None:
            return None
        near = self._words_since <= rule.reach and self._stops_since <= rule.stops
        least, most = rule.least, rule.most
        if cue.kind in _LINKED and self._stops_since == 1 and self._run.before in _STOPS:
            # "Here comes your code. 736 493."
            near = self._words_since <= _BEFORE_STOP
            return cue if near and least <= size <= most else None
        if not self._linked and cue.kind in _LINKED:
            near = near and self._words_since < 2 and self._run.before not in _AMOUNT_BEFORE
        elif cue.kind in _LINKED and self._words_since < 2:
            # "The codes are …": several at once.
            most = _MOST_AT_ONCE
        if cue.kind in _LINKED and not _OF_THREE.isdisjoint(cue.label.lower().split()):
            least = _SHORTEST
        if self._inbound and cue.kind not in _LINKED:
            # Directly behind its name any piece of a number counts.
            direct = self._linked and self._words_since <= _DIRECT
            least = min(least, _SHORTEST_DIRECT if direct else _SHORTEST_PIECE)
        return cue if near and least <= size <= most else None

    def _begin(self, token: Token) -> None:
        """Remember what stood before the number: the cue may be out of sight at its end."""
        self._ended = []
        self._joined = self._joint == token.start
        cue = self._cue = self._cues.cue
        if cue is not None:
            self._words_since = self._cues.words_since(cue)
            self._stops_since = self._cues.stops_since(cue)
            self._linked = cue.linked
        card = self._cues.card
        near = card is not None and (
            self._cues.words_since(card) <= _CARD_REACH and self._cues.stops_since(card) <= 2
        )
        self._card = card if near else None
        self._lead_in = self._cues.words_before(token.start)
        kind = number_after(self._lead_in)
        self._lead = Cue(Slot.NUMBER, kind, "", token.start, token.start) if kind else None

    def _is_something_else(self, digits: str, after: str) -> bool:
        run = self._run
        sure = self._linked or (self._cue is not None and self._cue.kind is Kind.ACCOUNT)
        named = sure and self._words_since < 2
        if is_amount(run, after) or is_announced_phone(run) or is_date(run, digits, named=named):
            return True
        if (self._joined and len(digits) <= _LONGEST_JOINED) or is_ending(self._lead_in, digits):
            return True
        return is_phone(run) and self._words_since > 2 and not nhs(digits)
