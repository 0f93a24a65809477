"""Finds payment cards, written, spoken and mixed; a checksum raises confidence, it is no gate."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.spoken import READINGS, TENS, TIMES, prefixes, words
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.tokens import Token

RANK_CARD: Final = 2
SHORTEST: Final = 13
LONGEST: Final = 19
_MOST_DIGITS: Final = 40
_LONGEST_GAP: Final = 3
_BETWEEN: Final = frozenset(" \t\n\r-.,*_`")
_BETWEEN_WORDS: Final = frozenset({"dash", "hyphen", "space", "dot"})
# Words that say "a card's number follows", and how many words later it still may.
_CUES: Final = words("card cards visa mastercard amex american credit debit discover maestro")
_REACH: Final = 10
_BEGINNINGS: Final = prefixes((*READINGS, *TIMES))
_MORE: Final = _BEGINNINGS | prefixes(_BETWEEN_WORDS)


def luhn(digits: str) -> bool:
    """Tell whether the check digit is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@dataclass(slots=True)
class Group:
    """Digits that belong together: one written group, or spoken ones in a row."""

    digits: str
    start: int
    end: int
    spoken: bool
    tens: bool = False


class Cards:
    """The recogniser of card numbers."""

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self._groups: deque[Group] = deque()
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._words = 0
        self._cue_at = -_REACH - 1
        self._drop_run()

    def _drop_run(self) -> None:
        self._groups.clear()
        self._digits = 0
        self._gap = 0
        self._times = 1
        self._times_start = NOTHING
        self.hold = NOTHING

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if token.shape is Shape.DIGITS:
            self._add(token.text, token, spoken=False)
        elif token.shape is Shape.WORD:
            self._take_word(token)
        elif self.hold != NOTHING:
            self._take_gap(1, between=token.text in _BETWEEN)

    def _take_word(self, token: Token) -> None:
        word = token.word
        self._words += 1
        if (reading := READINGS.get(word)) is not None:
            last = self._groups[-1] if self._groups else None
            if last is not None and last.tens and len(reading) == 1 and self._gap <= 1:
                self._join_unit(last, reading, token)
            else:
                self._add(reading, token, spoken=True, tens=word in TENS)
        elif word in TIMES:
            self._times, self._times_start = TIMES[word], token.start
            self.hold = min(self.hold, token.start)
        elif self.hold != NOTHING:
            self._take_gap(0, between=word in _BETWEEN_WORDS)
        if word in _CUES:
            self._cue_at = self._words

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if token.shape is Shape.DIGITS:
            return min(self.hold, token.start)
        if self.hold == NOTHING:
            return token.start if token.word in _BEGINNINGS else NOTHING
        if token.word in _MORE:
            return self.hold
        found = self._find()
        return found.start if found is not None else NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        self._end_run()

    def _join_unit(self, last: Group, digit: str, token: Token) -> None:
        if digit == "0":
            self._add(digit, token, spoken=True)
            return
        last.digits = last.digits[:-1] + digit
        last.end, last.tens = token.end, False
        self._gap = 0

    def _add(self, digits: str, token: Token, *, spoken: bool, tens: bool = False) -> None:
        start = token.start
        if self._times > 1:
            digits, start = digits * self._times, self._times_start
            self._times, self._times_start = 1, NOTHING
        last = self._groups[-1] if self._groups else None
        single = last is not None and last.spoken == spoken and not tens and not last.tens
        if last is not None and single and (spoken or len(digits) == len(last.digits) == 1):
            last.digits += digits
            last.end = token.end
        else:
            self._groups.append(Group(digits, start, token.end, spoken, tens))
        self._digits += len(digits)
        self._gap = 0
        while self._digits > _MOST_DIGITS and self._groups:
            self._digits -= len(self._groups.popleft().digits)
        self.hold = self._groups[0].start if self._groups else NOTHING

    def _take_gap(self, width: int, *, between: bool) -> None:
        self._gap += width
        if not between or self._gap > _LONGEST_GAP:
            self._end_run()

    def _end_run(self) -> None:
        found = self._find()
        if found is not None:
            self._matches.append(found)
        self._drop_run()

    def _find(self) -> Match | None:
        if self._digits < SHORTEST:
            return None
        groups = list(self._groups)
        for first in range(len(groups)):
            best: Match | None = None
            digits = ""
            for last in range(first, len(groups)):
                digits += groups[last].digits
                if len(digits) > LONGEST:
                    break
                if len(digits) >= SHORTEST and luhn(digits) and digits.strip("0"):
                    best = self._match(groups[first], groups[last], digits, Via.PATTERN)
            if best is not None:
                return best
        digits = "".join(group.digits for group in groups)
        if SHORTEST <= len(digits) <= LONGEST and self._words - self._cue_at <= _REACH:
            return self._match(groups[0], groups[-1], digits, Via.CONTEXT)
        return None

    @staticmethod
    def _match(first: Group, last: Group, digits: str, via: Via) -> Match:
        found = SecretDiverted("", Kind.CARD, digits, via)
        return Match(first.start, last.end, RANK_CARD, found)
