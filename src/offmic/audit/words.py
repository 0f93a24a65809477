"""Numbers and letters in words, both ways; these tables must not come from the guard's own."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NATO: Final = {
    word[0]: word
    for word in (
        *("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india"),
        *("juliett", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo"),
        *("sierra", "tango", "uniform", "victor", "whiskey", "xray", "yankee", "zulu"),
    )
}
"""The spelling alphabet, by letter."""

FOREIGN: Final = {
    "Spanish": ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"],
    "French": ["zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
    "German": ["null", "eins", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun"],
    "Italian": ["zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"],
    "Portuguese": ["zero", "um", "dois", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove"],
    "Dutch": ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"],
}
"""The digits from 0 to 9 in other languages, without accents."""

_LOOKALIKES: Final = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0455\u0458\u043c\u0442\u043a\u043d\u0432"
        "\u03b1\u03b5\u03bf\u03c1\u03bd\u03ba\u03c4\u03b9\u03c5",
        "aeopcxyisjmtkhbaeopvktiu",
        strict=True,
    )
)
"""Cyrillic and Greek small letters that look like Latin ones."""
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0001\U000e0020-\U000e007f]"
)
_FILLING: Final = frozenset(
    """
    and then next is it the by with letter digit number character comes followed after that
    capital upper lower case small big first second third fourth fifth sixth seventh eighth
    ninth tenth eleventh twelfth last dash hyphen minus dot point underscore space ray in
    """.split()  # noqa: SIM905 - a set would fill a page
)
"""Words between the characters of a value that somebody reads out."""
_SPELLINGS: Final = {
    **{word: str(digit) for digit, word in enumerate(DIGITS)},
    **{word: str(ten) for ten, word in enumerate(_TEENS, 10)},
    **{w: str(digit) for words in FOREIGN.values() for digit, w in enumerate(words)},
    **{word: letter for letter, word in NATO.items()},
    "oh": "0",
    "nought": "0",
    "alfa": "a",
    "juliet": "j",
    "whisky": "w",
    "xray": "x",
}
_TIMES: Final = {"double": 2, "triple": 3}
_EXAMPLES: Final = {"as": 2, "for": 1, "like": 1}
"""How many words after this one only help to hear a letter: T as in Tom, Q for Quebec."""
_PAIR: Final = 2
_TWENTY: Final = 20
_ABOVE_ZERO: Final = frozenset("123456789")
_FAR: Final = 4
"""More characters than this between two words, and they are not of one number."""


def plain(text: str) -> str:
    """Return the text in small Latin letters and ASCII digits, without what cannot be seen."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return re.sub(r"[^\x00-\x7f]", lambda m: _fold(m[0]), folded)


def read_aloud(text: str) -> str:
    """Return what somebody notes down who hears the text: runs of letters and digits, spaced.

    Args:
        text: as `plain` returns it.
    """
    scribe, end = _Scribe(), 0
    for token in re.finditer(r"[a-z]+|[0-9]+", text):
        if token.start() - end > _FAR:
            scribe.rest()
        scribe.note(token[0])
        end = token.end()
    scribe.rest()
    return " ".join(scribe.runs)


def say_digits(text: str) -> str:
    """Return the text with each digit as a word."""
    return re.sub(r"[0-9]", lambda m: f" {DIGITS[int(m[0])]} ", text.casefold())


def say_pairs(text: str) -> str:
    """Return the text with its digits said two at a time: 48 as forty eight."""

    def say(match: re.Match[str]) -> str:
        number = int(match[0])
        if match[0][0] == "0":
            return say_digits(match[0])
        if number < _TWENTY:
            return f" {_TEENS[number - 10]} "
        tens, ones = divmod(number, 10)
        return f" {_TENS[tens - 2]} {DIGITS[ones] if ones else ''} "

    return say_digits(re.sub(r"[0-9]{2}", say, text))


def say_doubles(text: str) -> str:
    """Return the text with repeated digits said as double and triple."""

    def say(match: re.Match[str]) -> str:
        times = "double" if len(match[0]) == _TIMES["double"] else "triple"
        return f" {times} {DIGITS[int(match[0][0])]} "

    return say_digits(re.sub(r"([0-9])\1{1,2}", say, text))


def _fold(char: str) -> str:
    if char in _LOOKALIKES:
        return _LOOKALIKES[char]
    number = unicodedata.numeric(char, -1)
    if number in range(10):
        return str(int(number))
    return "".join(c for c in unicodedata.normalize("NFD", char) if c.isascii()) or char


class _Scribe:
    """Writes down characters that are read out one after another."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self._run = ""
        self._worded = False
        self._times = 1
        self._after_tens = False
        self._skipped = 0

    def note(self, word: str) -> None:
        """Take the next word."""
        if self._skipped:
            self._skipped -= 1
            return
        if word in _FILLING:
            return
        if word in _EXAMPLES:
            self._skipped = _EXAMPLES[word]
            return
        if word in _TIMES:
            self._times = _TIMES[word]
            return
        if word in _TENS:
            self._write(f"{_TENS.index(word) + 2}0", worded=True)
            self._after_tens = True
        elif word in _SPELLINGS:
            char = _SPELLINGS[word]
            if self._after_tens and char in _ABOVE_ZERO:
                self._run = self._run[:-1]  # forty eight is 48
            self._write(char, worded=True)
        elif len(word) == 1 or (word.isdigit() and len(word) <= _PAIR):
            self._write(word, worded=word.isalpha())
        else:
            self.rest()

    def rest(self) -> None:
        """End a run: what comes next is not of the same value."""
        # Numbers without a word in between are looked for where they stand: a log is full of them.
        if self._worded and len(self._run) > 1:
            self.runs.append(self._run)
        self._run, self._worded, self._times, self._after_tens = "", False, 1, False

    def _write(self, chars: str, *, worded: bool) -> None:
        self._run += chars * self._times
        self._worded = self._worded or worded
        self._times, self._after_tens = 1, False
