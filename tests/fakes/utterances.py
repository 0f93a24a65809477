"""What a voice may make of a value: a second opinion that must never share a table with the guard.

Numbers are put into words by inflect, dates by the calendar module, characters by the tables of
Unicode; each utterance is one or more turns.
"""

from __future__ import annotations

import base64
import calendar
import codecs
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote

import inflect

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Utterance: TypeAlias = "Callable[[str, Random], list[str]]"
"""Puts a value into the turns in which it is said."""

_ENGINE: Final = inflect.engine()
_ICAO: Final = (
    "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett",
    "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango",
    "Uniform", "Victor", "Whiskey", "Xray", "Yankee", "Zulu",
)  # fmt: skip
_FIRST_NAMES: Final = (
    "Alice", "Bob", "Carol", "David", "Emma", "Frank", "Grace", "Henry", "Iris", "Jack", "Karen",
    "Laura", "Mary", "Nancy", "Oliver", "Peter", "Quinn", "Robert", "Susan", "Thomas", "Ursula",
    "Violet", "William", "Xavier", "Yvonne", "Zoe",
)  # fmt: skip
_SYMBOLS: Final = {
    "-": ("dash", "hyphen"), "_": ("underscore",), ".": ("dot", "period", "point"),
    "@": ("at", "at sign"), "#": ("hash", "pound", "pound sign"), "*": ("star", "asterisk"),
    "/": ("slash", "forward slash"), "+": ("plus", "plus sign"),
    "!": ("exclamation mark", "exclamation point"), "$": ("dollar", "dollar sign"),
}  # fmt: skip
SIGNS: Final = "".join(_SYMBOLS)
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e"
_SCRIPTS: Final = (
    "ARABIC-INDIC",
    "DEVANAGARI",
    "BENGALI",
    "THAI",
    "FULLWIDTH",
    "MATHEMATICAL BOLD",
)
_TAGS: Final = ("<b>", "</b>", "<break time='90ms'/>", "<emphasis>", "**", "__", "`")
_CYRILLIC: Final = {"a": "A", "c": "ES", "e": "IE", "o": "O", "p": "ER", "x": "HA", "y": "U"}
_LEET: Final = str.maketrans("aeiost", "431057")


def _words(number: str, **options: Any) -> str:
    # inflect's own types know no strings here, though its documentation does.
    return str(_ENGINE.number_to_words(number, **options))


def _ordinal(number: str) -> str:
    return str(_ENGINE.ordinal(number))


def _digit(char: str, zero: str = "zero") -> str:
    return _words(char, zero=zero, group=1)


def _said(char: str, rng: Random, zero: str = "zero") -> str:
    if char.isdigit():
        return _digit(char, zero)
    if char in _SYMBOLS:
        return rng.choice(_SYMBOLS[char])
    return f"capital {char}" if char.isupper() else char


def _grouped(size: int, zero: str = "oh") -> Utterance:
    """Digits in groups: "forty-eight, twenty-one", "four eighty-two, one"."""
    return lambda value, _: [_words(value, group=size, zero=zero)]


def _cardinal(andword: str) -> Utterance:
    return lambda value, _: [value if value[0] == "0" else _words(value, andword=andword)]


def _doubled(value: str, rng: Random) -> list[str]:
    words: list[str] = []
    at = 0
    while at < len(value):
        same = next(n for n in (3, 2, 1) if value[at : at + n] == value[at] * n)
        words.append(("", "double ", "triple ")[same - 1] + _said(value[at], rng, "oh"))
        at += same
    return [" ".join(words)]


def _scripted(value: str, rng: Random) -> list[str]:
    script = rng.choice(_SCRIPTS)
    return ["".join(unicodedata.lookup(f"{script} DIGIT {_digit(c)}") for c in value)]


def _explained(value: str, rng: Random) -> list[str]:
    def one(char: str) -> str:
        if not char.isalpha():
            return _said(char, rng)
        name = _FIRST_NAMES[ord(char.lower()) - ord("a")]
        return f"{char.upper()} {rng.choice(['as in', 'for', 'like'])} {name}"

    return [", ".join(map(one, value))]


def _marked_up(value: str, rng: Random) -> list[str]:
    at = rng.randrange(1, len(value))
    return [value[:at] + rng.choice(_TAGS) + value[at:]]


def _homoglyphs(value: str, _: Random) -> list[str]:
    return ["".join(
        unicodedata.lookup(f"CYRILLIC SMALL LETTER {_CYRILLIC[c]}") if c in _CYRILLIC else c
        for c in value
    )]  # fmt: skip


def _halves(value: str, _: Random) -> list[str]:
    at = len(value) // 2
    return [f"The first half is {value[:at]}.", f"And then {value[at:]}."]


def _first_half(value: str, _: Random) -> list[str]:
    half = value[: max(4, (len(value) + 1) // 2)]
    # A year by itself may be said.
    return [value if half[:2] in {"19", "20"} and len(half) == 4 else half]


def _pieces(value: str, _: Random) -> list[str]:
    at = len(value) // 2
    return [f"It begins with {value[:at]}, and it ends with {value[at:]}"]


NUMBERS: Final[dict[str, Utterance]] = {
    "one by one": _grouped(1),
    "one by one, nought": _grouped(1, "nought"),
    "groups of two": _grouped(2),
    "cardinal, with and": _cardinal("and"),
    "cardinal, without and": _cardinal(""),
    "other scripts' digits": _scripted,
    "grouped by two": lambda v, _: [" ".join(v[at : at + 2] for at in range(0, len(v), 2))],
}
CHARACTERS: Final[dict[str, Utterance]] = {
    "as it is": lambda v, _: [v],
    "upper case": lambda v, _: [v.upper()],
    "title case": lambda v, _: [v.title()],
    "doubles and triples": _doubled,
    "spelled": lambda v, r: [" ".join(_said(c, r) for c in v)],
    "spelled, commas": lambda v, r: [", ".join(_said(c, r, "oh") for c in v)],
    "phonetic": lambda v, r: [
        " ".join(_ICAO[ord(c.lower()) - ord("a")] if c.isalpha() else _said(c, r) for c in v)
    ],
    "explained": _explained,
    "spaced": lambda v, _: [" ".join(v)],
    "dashed": lambda v, _: ["-".join(v)],
    "dotted": lambda v, _: [".".join(v)],
    "invisible": lambda v, r: ["".join(c + r.choice(_INVISIBLE) for c in v)],
    "full width": lambda v, _: ["".join(chr(ord(c) + 0xFEE0) for c in v)],
    "homoglyphs": _homoglyphs,
    "markup inside": _marked_up,
    "in bold": lambda v, _: [f"**{v}**"],
    "in code": lambda v, _: [f"`{v}`"],
    "said as": lambda v, _: [f'<say-as interpret-as="characters">{v}</say-as>'],
    "reversed": lambda v, _: [v[::-1]],
    "base64": lambda v, _: [base64.b64encode(v.encode()).decode()],
    "hexadecimal": lambda v, _: [v.encode().hex()],
    "percent": lambda v, _: [quote(v, safe="")],
    "rot13": lambda v, _: [codecs.encode(v, "rot13")],
    "leet": lambda v, _: [v.translate(_LEET)],
}
PIECES: Final[dict[str, Utterance]] = {
    "halves": _pieces,
    "halves over turns": _halves,
    "first half": _first_half,
}


def _dated(form: str) -> Utterance:
    def put(value: str, _: Random) -> list[str]:
        day = date.fromisoformat(value)
        ordinal = _ordinal(str(day.day))
        return [form.format(
            d=day.day, m=day.month, y=day.year, nth=ordinal, month=calendar.month_name[day.month],
            nth_said=_ordinal(_words(str(day.day))),
            year_said=_words(str(day.year), group=2, zero="oh").replace(",", ""),
        )]  # fmt: skip

    return put


DATES: Final[dict[str, Utterance]] = {
    form: _dated(form)
    for form in (
        "{month} {d}, {y}", "{d} {month} {y}", "the {nth} of {month} {y}", "{month} {nth}, {y}",
        "{month} {nth_said}, {year_said}", "the {nth_said} of {month} {year_said}",
        "{m}/{d}/{y}", "{d}.{m}.{y}", "{y}, {month} {nth}",
    )
}  # fmt: skip


def code(rng: Random) -> str:
    """Return four to eight random digits."""
    return "".join(rng.choices("0123456789", k=rng.choice((4, 5, 6, 7, 8))))


def password(rng: Random) -> str:
    """Return eight to fourteen random letters, digits and signs; no sign at either end."""
    plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    inner = rng.choices(plain + SIGNS, k=rng.randrange(6, 13))
    return rng.choice(plain) + "".join(inner) + rng.choice(plain)


def birthday(rng: Random) -> str:
    """Return a random day as ISO 8601 writes it."""
    return (date(1930, 1, 1) + timedelta(days=rng.randrange(30_000))).isoformat()
