"""Puts digits together that belong to one number, written, spoken or mixed; it decides nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.guard.match import NOTHING
from offmic.guard.spoken import READINGS, SCALES, TENS, TIMES, VALUES, prefixes, words
from offmic.guard.tokens import Shape

if TYPE_CHECKING:
    from offmic.guard.tokens import Token

MOST_DIGITS: Final = 40
_LONGEST_GAP: Final = 3
_BETWEEN: Final = frozenset(" \t\n\r-.,*_`")
_BETWEEN_WORDS: Final = words("dash hyphen space dot comma")
_FILLERS: Final = words("um uh er erm uhm")
_WRITTEN: Final = words("-")
# Read as digits inside a number only: by themselves they are words.
_INSIDE: Final = words("o null nil tree")
BEGINNINGS: Final = prefixes((*(READINGS.keys() - _INSIDE), *TIMES))
_MORE: Final = BEGINNINGS | prefixes((*_BETWEEN_WORDS, *_FILLERS, *_INSIDE, *SCALES, "and"))


@dataclass(slots=True)
class Group:
    """Digits that belong together: one written group, or spoken ones in a row."""

    digits: str
    start: int
    end: int
    spoken: bool
    tens: bool = False
    gap: str = ""
    single: bool = False


class Run:
    """The number that is being read."""

    def __init__(self) -> None:
        self.groups: deque[Group] = deque()
        self.clear()

    def clear(self) -> None:
        """Forget the number."""
        self.groups.clear()
        self.digits = 0
        self.quantity = False
        self._said: list[str] = []
        self.glued = False
        self.before = ""
        self._gap = ""
        self._times = 1
        self._times_start = NOTHING
        self.start = NOTHING

    def take(self, token: Token, before: str) -> bool:
        """Read a token.

        Args:
            token: the token, complete.
            before: what stood directly before it.

        Returns:
            False where the token does not belong to the number, which ends before it.
        """
        if token.shape is Shape.DIGITS:
            if not self.groups:
                self.glued, self.before = token.glued, before
            self._add(token.text, token, spoken=False)
            return True
        if token.shape is Shape.WORD:
            return self._take_word(token, before)
        return self._between(token.text in _BETWEEN, token.text)

    def goes_on(self, token: Token) -> bool:
        """Tell whether an incomplete token may still belong to the number."""
        if token.shape is Shape.DIGITS:
            return True
        return token.word in (_MORE if self.groups else BEGINNINGS)

    def text(self) -> str:
        """Return all digits; of a quantity those with which it is written, if it is one number."""
        if self.quantity:
            return quantity(self._said)
        return "".join(group.digits for group in self.groups)

    def _take_word(self, token: Token, before: str) -> bool:
        word = token.word
        if token.glued and self.groups:
            # "4th", "10pm", "psr353e": no number that stands by itself.
            self.glued = True
            return False
        if (reading := READINGS.get(word)) is not None and (self.groups or word not in _INSIDE):
            if not self.groups:
                self.before = before
            last = self.groups[-1] if self.groups else None
            unit = len(reading) == 1 and reading != "0"
            if last is not None and last.tens and unit and self._gap in {"", " ", "-"}:
                last.digits = last.digits[:-1] + reading
                last.end, last.tens, self._gap = token.end, False, ""
            else:
                self._add(reading, token, spoken=True, tens=word in TENS)
            self._said.append(word)
            return True
        if word in TIMES:
            self._times, self._times_start = TIMES[word], token.start
            self.start = min(self.start, token.start)
            return True
        if word in SCALES and self.groups:
            self.quantity = True
            self.groups[-1].end, self._gap = token.end, ""
            self._said.append(word)
            return True
        if word in _FILLERS and self.groups:
            # "four eight, um, two one": nothing is counted of what stands around it.
            self._gap = ""
            return True
        if word == "and":
            return self._between(bool(self._said) and self._said[-1] in SCALES, "")
        return self._between(word in _BETWEEN_WORDS, "")

    def _between(self, allowed: bool, text: str) -> bool:
        if self.start == NOTHING:
            return False
        self._gap += text
        return allowed and len(self._gap) <= _LONGEST_GAP

    def _add(self, digits: str, token: Token, *, spoken: bool, tens: bool = False) -> None:
        start = token.start
        if self._times > 1:
            digits, start = digits * self._times, self._times_start
            self._times, self._times_start = 1, NOTHING
        last = self.groups[-1] if self.groups else None
        alike = last is not None and last.spoken == spoken and not tens and not last.tens
        single = not spoken and len(digits) == 1
        if last is not None and alike and (spoken or (single and last.single)):
            last.digits += digits
            last.end = token.end
        else:
            self.groups.append(Group(digits, start, token.end, spoken, tens, self._gap, single))
        self.digits += len(digits)
        self._gap = ""
        if not spoken:
            self._said.append(digits)
        while self.digits > MOST_DIGITS:
            self.digits -= len(self.groups.popleft().digits)
        self.start = self.groups[0].start if self.groups else NOTHING


def quantity(said: list[str]) -> str:
    """Return the digits of a number said as a quantity; empty where the words make no one number.

    Args:
        said: its words, such as "forty", "eight", "hundred", "twelve", without "and".
    """
    total = current = 0
    for word in said[:MOST_DIGITS]:
        if (scale := SCALES.get(word)) is not None:
            if not current or (scale == 100 and current > 99):
                return ""
            if scale == 100:
                current *= scale
            else:
                total, current = total + current * scale, 0
            continue
        value = VALUES.get(word, -1)
        low = current % 100
        after_tens = value < 10 and low >= 20 and low % 10 == 0
        if value <= 0 or (low and not after_tens):
            return ""
        current += value
    return str(total + current) if len(said) <= MOST_DIGITS else ""
