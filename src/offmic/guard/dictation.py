"""Finds every run of digits in words of a caller who was asked for a number; it judges none.

Elsewhere a number has to look like a secret; here the question has made it one, from its first
digit on. Texts come whole: there is nothing to hold back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from offmic.guard.fold import fold
from offmic.guard.spoken import READINGS, TENS, TIMES, words

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+|\s+|.", re.DOTALL)
_SIGNS: Final = frozenset("-.,;:/_*()#+'`\"")
_FILLERS: Final = words("um uh uhm er erm ah and then dash hyphen space dot comma slash the well")
_SCALES: Final = {"hundred": "00", "thousand": "000"}
# Digits by their sound, where digits stand on both sides of them.
_HOMOPHONES: Final = {
    "to": "2", "too": "2", "for": "4", "fore": "4", "ate": "8", "won": "1", "sex": "6",
    "free": "3", "tree": "3", "tu": "2", "fine": "5", "sick": "6", "nein": "9", "owe": "0",
}  # fmt: skip
_MONTHS: Final = {
    name: f"{number:02d}"
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun",
            "july jul", "august aug", "september sep sept", "october oct", "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_WORDS_TOO: Final = words("o oh nil null tree")
"""Digits only beside others."""
_NO_NUMBER_BEFORE: Final = words("moment second sec minute more thing")
"""What makes a word of "one": a caller who is looking for the card."""


@dataclass(frozen=True, slots=True)
class Digits:
    """A run of digits that stood here.

    Args:
        text: the digits, as they would be typed.
        said: what stood there.
    """

    text: str = field(repr=False)
    said: str = field(repr=False)


Piece: TypeAlias = str | Digits


@dataclass(slots=True)
class _Token:
    start: int
    end: int
    word: str
    digits: str = ""
    gap: bool = False


def take_down(text: str, *, months: bool = False) -> list[Piece]:
    """Cut a text into words and runs of digits, in order.

    Args:
        text: what was said or typed, whole.
        months: whether a month's name counts as its two digits, as in a date of expiry.
    """
    tokens = _read(text, months=months)
    pieces: list[Piece] = []
    done = at = 0
    while at < len(tokens):
        last = _end_of_run(tokens, at)
        if last < at:
            at += 1
            continue
        run = tokens[at : last + 1]
        if tokens[at].start > done:
            pieces.append(text[done : tokens[at].start])
        pieces.append(Digits(_value(run), text[run[0].start : run[-1].end]))
        done, at = run[-1].end, last + 1
    if done < len(text):
        pieces.append(text[done:])
    return pieces


def _read(text: str, *, months: bool) -> list[_Token]:
    folded = [fold(char) for char in text]
    plain = "".join(folded)
    places = [at for at, part in enumerate(folded) for _ in part]
    tokens = [
        _token(m[0].lower(), places[m.start()], places[m.end() - 1] + 1)
        for m in _TOKEN.finditer(plain)
    ]
    for at, token in enumerate(tokens):
        _settle(tokens, at, token, months=months)
    for at, token in enumerate(tokens):
        if token.word in _HOMOPHONES and _stands_between(tokens, at):
            token.digits = _HOMOPHONES[token.word]
    return tokens


def _token(word: str, start: int, end: int) -> _Token:
    gap = word.isspace() or word in _SIGNS or word in _FILLERS
    return _Token(start, end, word, word if word.isdecimal() else READINGS.get(word, ""), gap)


def _settle(tokens: list[_Token], at: int, token: _Token, *, months: bool) -> None:
    word = token.word
    if word == "one":
        if next(_words_from(tokens, at + 1), "") in _NO_NUMBER_BEFORE:
            token.digits = ""
    elif word in _WORDS_TOO:
        if not (_digits_near(tokens, at, -1) or _digits_near(tokens, at, 1)):
            token.digits = ""
    elif months and word in _MONTHS and (word != "may" or _digits_near(tokens, at, 1)):
        token.digits = _MONTHS[word]
    elif word in _SCALES and _digits_near(tokens, at, -1):
        token.digits = _SCALES[word]


def _words_from(tokens: list[_Token], at: int) -> Iterator[str]:
    return (token.word for token in tokens[at:] if not token.gap)


def _digits_near(tokens: list[_Token], at: int, step: int) -> bool:
    at += step
    while 0 <= at < len(tokens) and tokens[at].gap:
        at += step
    return 0 <= at < len(tokens) and bool(tokens[at].digits)


def _stands_between(tokens: list[_Token], at: int) -> bool:
    return _digits_near(tokens, at, -1) and _digits_near(tokens, at, 1)


def _end_of_run(tokens: list[_Token], at: int) -> int:
    """Return the place of the last token of the run that begins here; less where none does."""
    last = at - 1
    for place in range(at, len(tokens)):
        token = tokens[place]
        if token.digits:
            last = place
        elif token.word in TIMES:
            if place == at and not _digits_near(tokens, place, 1):
                break
        elif not token.gap or place == at:
            break
    return last


def _value(run: list[_Token]) -> str:
    parts: list[str] = []
    times, tens = 1, False
    for token in run:
        if token.word in TIMES:
            times, tens = TIMES[token.word], False
        elif token.digits:
            digits = token.digits
            if tens and len(digits) == 1 and digits != "0" and not token.word.isdecimal():
                parts[-1] = parts[-1][:-1] + digits
            else:
                # "Double five five" is three: what repeats is the first digit behind it.
                parts.append(digits[0] * (times - 1) + digits)
            tens = token.word in TENS and times == 1
            times = 1
        elif not token.word.isspace() and token.word != "-":
            tens = False
    return "".join(parts)
