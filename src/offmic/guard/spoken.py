"""The words with which characters are spoken: numbers, letters and symbols; tables, never rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


def words(text: str) -> frozenset[str]:
    """Return the set of the words in a text."""
    return frozenset(text.split())


def prefixes(vocabulary: Iterable[str]) -> frozenset[str]:
    """Return every beginning of every word, the whole words included."""
    return frozenset(word[:end] for word in vocabulary for end in range(1, len(word) + 1))


DIGITS: Final = {
    "zero": "0", "oh": "0", "nought": "0", "naught": "0", "nil": "0", "null": "0", "one": "1",
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "niner": "9", "tree": "3", "fife": "5", "fower": "4", "aught": "0", "ought": "0",
}  # fmt: skip
# A model that is asked to translate says them: Spanish, French, German, Italian, Portuguese, Dutch.
FOREIGN: Final = {
    "cero": "0", "zéro": "0", "nul": "0", "uno": "1", "un": "1", "um": "1", "eins": "1",
    "een": "1", "dos": "2", "deux": "2", "zwei": "2", "zwo": "2", "due": "2", "dois": "2",
    "duas": "2", "twee": "2", "tres": "3", "três": "3", "trois": "3", "drei": "3", "tre": "3",
    "drie": "3", "cuatro": "4", "quatre": "4", "vier": "4", "quattro": "4", "quatro": "4",
    "cinco": "5", "cinq": "5", "fünf": "5", "funf": "5", "cinque": "5", "vijf": "5", "seis": "6",
    "sechs": "6", "sei": "6", "zes": "6", "siete": "7", "sept": "7", "sieben": "7", "sette": "7",
    "sete": "7", "zeven": "7", "ocho": "8", "huit": "8", "acht": "8", "otto": "8", "oito": "8",
    "nueve": "9", "neuf": "9", "neun": "9", "nove": "9", "negen": "9",
}  # fmt: skip
TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES: Final = {
    "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12,
}  # fmt: skip
ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
TIMES: Final = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4, "quad": 4}

# NATO (ICAO Annex 10) with the spellings that recognisers write.
NATO: Final = {
    "alpha": "a", "alfa": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e",
    "foxtrot": "f", "golf": "g", "hotel": "h", "india": "i", "juliet": "j", "juliett": "j",
    "kilo": "k", "lima": "l", "mike": "m", "november": "n", "oscar": "o", "papa": "p",
    "quebec": "q", "romeo": "r", "sierra": "s", "tango": "t", "uniform": "u", "victor": "v",
    "whiskey": "w", "whisky": "w", "xray": "x", "yankee": "y", "zulu": "z",
}  # fmt: skip
# Letters by their English names; many are words too, so they only count inside a run.
LETTER_NAMES: Final = {
    "ay": "a", "bee": "b", "be": "b", "cee": "c", "see": "c", "sea": "c", "dee": "d", "ef": "f",
    "eff": "f", "gee": "g", "aitch": "h", "haitch": "h", "eye": "i", "jay": "j", "kay": "k",
    "el": "l", "ell": "l", "em": "m", "en": "n", "owe": "o", "pee": "p", "cue": "q", "queue": "q",
    "ar": "r", "are": "r", "ess": "s", "tee": "t", "tea": "t", "you": "u", "vee": "v", "ex": "x",
    "why": "y", "wye": "y", "zee": "z", "zed": "z",
}  # fmt: skip
SYMBOLS: Final = {
    "dash": "-", "hyphen": "-", "minus": "-", "underscore": "_", "underline": "_", "dot": ".",
    "point": ".", "period": ".", "at": "@", "hash": "#", "hashtag": "#", "pound": "#",
    "star": "*", "asterisk": "*", "slash": "/", "plus": "+", "exclamation": "!", "bang": "!",
    "question": "?", "dollar": "$", "percent": "%", "ampersand": "&", "equals": "=", "equal": "=",
    "colon": ":", "semicolon": ";", "comma": ",", "space": " ", "backslash": "\\", "tilde": "~",
    "caret": "^", "pipe": "|", "apostrophe": "'", "quote": '"',
}  # fmt: skip
# Words that belong to a symbol's name or to the spelling and stand for nothing themselves.
SILENT: Final = words(
    "sign mark forward open close parenthesis bracket capital cap caps upper uppercase lower"
    " lowercase case big small little letter letters number numeral digit digits character and"
    " then the followed by um uh er erm next comes comma again plus also of ray"
)

# One digit, whatever the word: how the parts of a number are read one after another.
VALUES: Final = {word: int(digit) for word, digit in DIGITS.items()} | TEENS | TENS
READINGS: Final = {word: str(value) for word, value in VALUES.items()} | {"o": "0"}
