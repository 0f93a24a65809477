"""Finds secrets made of digits: cards, codes, account and national numbers; prices and dates pass.

A checksum raises confidence, it is no gate: with the right words around it a number is a secret
without one, and those words may come before or after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from offmic.guard.checks import luhn, nhs, personnummer, pesel, social_security, turkish_id
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import Direction, SecretDiverted, Via
from offmic.guard.runs import Run
from offmic.guard.spoken import prefixes, words
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.cues import Cue, Cues
    from offmic.guard.tokens import Token

RANK_NUMBER: Final = 2
_SHORTEST_CARD: Final = 13
_LONGEST_CARD: Final = 19
_CARD_REACH: Final = 10
# A recogniser of speech may end a transcript in the middle of a number.
_SHORTEST_PIECE: Final = 6


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
    Kind.ACCOUNT: Rule(5, 20, 7, 1),
    Kind.SSN: Rule(9, 9, 6, 1),
    Kind.GOV_ID: Rule(7, 14, 6, 0),
}
# Short numbers are in many sentences about codes: they need "is", a colon or the code beside them.
_LINKED: Final = {Kind.CODE, Kind.OTP}
_AMOUNT_BEFORE: Final = words("of in at by than over under about within after before from to least")
_AFTER_STARTS: Final = words("is as was this that ist es are")
_AFTER_SECOND: Final = words("is s your the my our dein ihr su his her")
_PLAIN_STARTS: Final = (["is"], ["this"], ["that"])
_MOST_AFTER: Final = 9
_UNITS: Final = words(
    "dollar dollars buck bucks euro euros pound pounds cent cents usd eur gbp hkd inr rs rupees yen"
    " yuan percent people guests persons adults nights night days day hours hour minutes minute"
    " seconds weeks months years miles mile km kilometers meters feet points degrees am pm kg items"
    " times tickets rooms steps words characters digits"
)
_MONEY: Final = frozenset("$€£¥₹")
_YEAR_BEFORE: Final = words("in since from until till of year by during before after for around")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_PHONE_BEFORE: Final = words("call phone mobile tel telephone dial number cell fax text whatsapp")
_PHONE_SHAPES: Final = ([3, 3, 4], [1, 3, 3, 4], [3, 4])
_LONGEST_PHONE: Final = 15
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
        self._linked = False
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
        if idle and self._ended and self._after and token.word == "one":
            # "… is your one-time code"
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
            self._matches.append(found)
        elif self._explainable():
            groups = self._run.groups
            self._ended = [(groups[0].start, groups[-1].end, self._run.text())]
            self._after = []
        self._run.clear()

    def _explainable(self) -> bool:
        run = self._run
        return not run.glued and not run.quantity and 3 < run.digits <= _LONGEST_CARD

    # What comes after a number may tell what it was: "512665 is your verification code".

    def _may_explain(self, word: str) -> bool:
        if not self._after:
            return word in _AFTER_BEGINNINGS
        if self._after in _PLAIN_STARTS:
            return any(w.startswith(word) for w in _AFTER_SECOND)
        return True

    def _look_after(self, token: Token) -> None:
        if token.shape is Shape.SPACE:
            if token.text == "\n":
                self._ended = []
            return
        if token.shape is not Shape.WORD:
            if token.text in "([-" and not self._after:
                self._after.append("(")
            elif token.text not in "()-'/&":
                self._ended = []
            return
        if len(self._after) >= _MOST_AFTER or not self._explains(token.word):
            self._ended = []
            return
        self._after.append(token.word)
        cue = self._cues.fresh
        start, end, digits = self._ended[0]
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
        if self._after in _PLAIN_STARTS:
            return word in _AFTER_SECOND
        return True

    def _report(self, start: int, end: int, kind: Kind, digits: str, via: Via, label: str) -> None:
        found = SecretDiverted(label, kind, digits, via)
        self._matches.append(Match(start, end, RANK_NUMBER, found))

    # What a number is by itself or by the words before it.

    def _find(self, token: Token | None, *, complete: bool = True) -> Match | None:
        run = self._run
        if not run.groups or run.digits < 4:
            return None
        glued = run.glued or (token is not None and token.shape is Shape.WORD and token.glued)
        card = None if glued else self._find_card()
        if card is not None or run.quantity:
            return card
        digits = run.text()
        ssn = self._find_by_shape(digits)
        if ssn is not None:
            return ssn
        cue = self._cue_of(len(digits))
        after = token.word if token is not None and complete else ""
        if cue is not None and not glued and not self._is_something_else(digits, after):
            return self._match(cue.kind, digits, Via.CONTEXT, cue.label)
        if self._phones and not glued and self._is_phone(digits):
            return self._match(Kind.OTHER, digits, Via.PATTERN, "phone number")
        return None

    def _is_phone(self, digits: str) -> bool:
        """Tell whether a number is written or announced as a phone number (ITU-T E.164)."""
        before = self._run.before
        sizes = [len(g.digits) for g in self._run.groups]
        sure = before == "+" or before in _PHONE_BEFORE or sizes in _PHONE_SHAPES
        return sure and 7 <= len(digits) <= _LONGEST_PHONE

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

    def _find_by_shape(self, digits: str) -> Match | None:
        groups = self._run.groups
        shape = [(len(g.digits), g.gap) for g in groups]
        if [n for n, _ in shape] == [3, 2, 4] and all(gap == "-" for _, gap in shape[1:]):
            return self._match(Kind.SSN, digits, Via.PATTERN) if social_security(digits) else None
        if len(digits) == 11 and len(groups) == 1 and (pesel(digits) or turkish_id(digits)):
            return self._match(Kind.GOV_ID, digits, Via.PATTERN)
        sizes = [n for n, _ in shape]
        if (sizes == [12] or (sizes in ([6, 4], [8, 4]) and groups[1].gap == "-")) and (
            personnummer(digits)
        ):
            return self._match(Kind.GOV_ID, digits, Via.PATTERN)
        if (
            [n for n, _ in shape] == [3, 3, 4]
            and all(g == " " for _, g in shape[1:])
            and nhs(digits)
        ):
            return self._match(Kind.GOV_ID, digits, Via.PATTERN)
        return None

    def _cue_of(self, size: int) -> Cue | None:
        """Return the cue before the number, if it fits this many digits and was near enough."""
        cue = self._cue
        rule = _RULES.get(cue.kind) if cue is not None else None
        if cue is None or rule is None:
            return None
        near = self._words_since <= rule.reach and self._stops_since <= rule.stops
        if not self._linked and cue.kind in _LINKED:
            near = near and self._words_since < 2 and self._run.before not in _AMOUNT_BEFORE
        pieces = self._inbound and cue.kind is Kind.SSN and size >= _SHORTEST_PIECE
        return cue if near and (pieces or rule.least <= size) and size <= rule.most else None

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

    def _is_something_else(self, digits: str, after: str) -> bool:
        run = self._run
        if run.before in _MONEY or after in _UNITS or after in {"%", ":", "/"}:
            return True
        sizes = [len(g.digits) for g in run.groups]
        spans = all(g.gap in {"-", "."} for g in list(run.groups)[1:])
        if len(sizes) == 3 and spans and sizes in ([4, 2, 2], [2, 2, 4], [2, 2, 2]):
            return True
        if self._joined and len(digits) <= 4:
            return True
        if _YEAR.fullmatch(digits) and run.before in _YEAR_BEFORE:
            return True
        if run.before in _PHONE_BEFORE - {"number"}:
            return True
        phone = run.before == "+" or sizes in ([3, 3, 4], [1, 3, 3, 4])
        return phone and self._words_since > 2 and not nhs(digits)
