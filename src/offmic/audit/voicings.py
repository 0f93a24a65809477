"""The ways in which a value may be written or said: a second opinion, with tables of its own."""

from __future__ import annotations

import base64
import codecs
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
]  # fmt: skip
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
NATO = [
    "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India",
    "Juliett", "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo",
    "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
]  # fmt: skip
NAMES = [
    "apple", "boy", "cat", "dog", "egg", "fox", "girl", "hat", "ink", "jam", "king", "lamp",
    "moon", "nut", "orange", "pig", "queen", "red", "sun", "tom", "umbrella", "van",
    "water", "xylophone", "yellow", "zebra",
]  # fmt: skip
SYMBOLS = {"-": "dash", "_": "underscore", ".": "dot", "@": "at", "#": "hash", "*": "star",
           "/": "slash", "+": "plus", "!": "exclamation mark", "$": "dollar sign"}  # fmt: skip
CYRILLIC = str.maketrans(
    "aceopxyTKMH", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0422\u041a\u041c\u041d"
)
FULL_WIDTH = {c: chr(ord(c) + 0xFEE0) for c in map(chr, range(0x21, 0x7F))}
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
LEET = str.maketrans("aeiost", "431057")


def number(value: int) -> str:
    """Say a number below a million as a cardinal."""
    if value < 20:
        return ONES[value]
    if value < 100:
        unit = f"-{ONES[value % 10]}" if value % 10 else ""
        return TENS[value // 10] + unit
    if value < 1000:
        rest = f" and {number(value % 100)}" if value % 100 else ""
        return f"{ONES[value // 100]} hundred{rest}"
    rest = f" {number(value % 1000)}" if value % 1000 else ""
    return f"{number(value // 1000)} thousand{rest}"


def name(char: str, *, oh: str = "zero", capital: bool = True) -> str:
    """Say one character."""
    if char == "0":
        return oh
    if char.isdigit():
        return ONES[int(char)]
    if char in SYMBOLS:
        return SYMBOLS[char]
    return f"capital {char}" if capital and char.isupper() else char


def pairs(digits: str) -> str:
    """Say digits two at a time."""
    parts = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    return " ".join(
        number(int(p)) if len(p) == 2 and p[0] != "0" else " ".join(map(name, p)) for p in parts
    )


def doubled(value: str, oh: str = "oh") -> str:
    """Say the same character twice in a row as double."""
    said, at = [], 0
    while at < len(value):
        size = next((n for n in (3, 2) if value[at : at + n] == value[at] * n), 1)
        said.append({3: "triple ", 2: "double ", 1: ""}[size] + name(value[at], oh=oh))
        at += size
    return " ".join(said)


def hundreds(digits: str) -> str:
    """Say four digits as so many hundred."""
    head, tail = digits[:-2], digits[-2:]
    said = number(int(head)) + " hundred"
    return said if tail == "00" else f"{said} {number(int(tail))}"


def as_in(value: str) -> str:
    """Spell with a word for each letter."""
    return ", ".join(
        f"{c.upper()} as in {NAMES[ord(c.lower()) - 97]}" if c.isalpha() else name(c) for c in value
    )


def nato(value: str) -> str:
    """Spell with the alphabet of the radio."""
    return " ".join(NATO[ord(c.lower()) - 97] if c.isalpha() else name(c) for c in value)


def in_tags(value: str) -> str:
    """Write with tags in the middle."""
    half = len(value) // 2
    return f"<b>{value[:half]}</b><break time='100ms'/>{value[half:]}"


DIGITS: dict[str, Callable[[str, Random], str]] = {
    "one by one": lambda v, _: " ".join(map(name, v)),
    "with oh": lambda v, _: " ".join(name(c, oh="oh") for c in v),
    "with nought": lambda v, _: ", ".join(name(c, oh="nought") for c in v),
    "doubles": lambda v, _: doubled(v),
    "pairs": lambda v, _: pairs(v),
    "mixed": lambda v, r: " ".join(c if r.random() < 0.5 else name(c) for c in v),
    "arabic digits": lambda v, _: v.translate(ARABIC),
    "cardinal": lambda v, _: number(int(v)) if v[0] != "0" and len(v) < 7 else v,
    "hundreds": lambda v, _: hundreds(v) if v[0] != "0" and len(v) == 4 and v[1] != "0" else v,
}
ANY: dict[str, Callable[[str, Random], str]] = {
    "as it is": lambda v, _: v,
    "other case": lambda v, _: v.swapcase(),
    "spaced": lambda v, _: " ".join(v),
    "dashed": lambda v, _: "-".join(v),
    "dotted": lambda v, _: ".".join(v),
    "commas": lambda v, _: ", ".join(v),
    "zero width": lambda v, _: "\u200b".join(v),
    "soft hyphens": lambda v, _: "\u00ad".join(v),
    "full width": lambda v, _: "".join(FULL_WIDTH.get(c, c) for c in v),
    "homoglyphs": lambda v, _: v.translate(CYRILLIC),
    "markdown": lambda v, r: "**" + v[: (cut := r.randrange(1, len(v)))] + "**_" + v[cut:] + "_",
    "ssml": lambda v, _: in_tags(v),
    "reversed": lambda v, _: v[::-1],
    "base64": lambda v, _: base64.b64encode(v.encode()).decode(),
    "hex": lambda v, _: v.encode().hex(),
    "spaced hex": lambda v, _: v.encode().hex(" "),
    "percent": lambda v, _: quote(v, safe=""),
    "all percent": lambda v, _: "".join(f"%{b:02X}" for b in v.encode()),
    "rot13": lambda v, _: codecs.encode(v, "rot13") if any(map(str.isalpha, v)) else v,
    "leet": lambda v, _: v.translate(LEET),
    "spelled": lambda v, _: " ".join(map(name, v)),
    "spelled, commas": lambda v, _: ", ".join(name(c, capital=False) for c in v),
    "nato": lambda v, _: nato(v),
    "as in": lambda v, _: as_in(v),
    "line breaks": lambda v, _: v[: len(v) // 2] + "\n" + v[len(v) // 2 :],
}


def code(rng: Random) -> str:
    """A value of digits."""
    return "".join(rng.choices("0123456789", k=rng.choice([4, 5, 6, 8])))


def password(rng: Random) -> str:
    """A value of letters, digits and symbols."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    body = rng.choices(letters, k=rng.choice([8, 10, 12]))
    for _ in range(rng.randrange(3)):
        body[rng.randrange(1, len(body) - 1)] = rng.choice("-_.@#*/+!$")
    return "".join(body)


def passphrase(rng: Random) -> str:
    """A value of words."""
    words = rng.sample([n for n in NAMES if len(n) > 3], k=3)
    return rng.choice(["-", " ", "."]).join(words)
