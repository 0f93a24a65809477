"""A secret as it would be typed, from the way it was written or said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from offmic.guard.fold import fold_text
from offmic.guard.spoken import (
    LETTER_NAMES,
    NATO,
    READINGS,
    SYMBOLS,
    TENS,
    TIMES,
    words,
)

_MARKUP: Final = re.compile(r"<[/A-Za-z!][^<>]{0,200}>|[*`]+")
_XRAY: Final = re.compile(r"\bx[- ]ray\b", re.IGNORECASE)
_PARTS: Final = re.compile(r"[A-Za-z]+|[0-9]+|\s+|.", re.DOTALL)
_EXPLAINED: Final = re.compile(r"\b(?:as in|for|like) [a-z]+")
_QUOTES: Final = "\"'\u201c\u201d\u2018\u2019"
_ENDS: Final = ".,;:!?"
_SIGNS: Final = words("sign mark")
_UPPER: Final = words("capital uppercase upper cap")
_LOWER: Final = words("lowercase lower small little")
_CASE: Final = words("case letter")
_FEW: Final = 2
_LONGEST_END: Final = 3


@dataclass(slots=True, eq=False)
class Unit:
    """One piece of a value.

    Args:
        text: what it types.
        single: whether it is one character, or was said as one.
        said: whether it was a word or a number, not a mark between.
        capital: whether "capital" was said before it.
    """

    text: str
    single: bool
    said: bool
    capital: bool = False


def typed(text: str) -> str:
    """Return a value as its owner would type it.

    Args:
        text: what stood in the place of the value.

    Returns:
        Number words as digits, names of symbols as symbols, spelled letters joined, without
        invisible characters, markup and the sentence's punctuation; empty where nothing is left.
    """
    plain = _XRAY.sub("xray", _MARKUP.sub("", fold_text(text)).strip())
    plain = plain.strip(_QUOTES).strip()
    parts = [p for p in _PARTS.findall(plain) if p]
    spelled = _is_spelled(parts)
    return _join(_units(parts, spelled=spelled))


def spelled_out(text: str) -> bool:
    """Tell whether a text gives a value character by character."""
    return _is_spelled(_PARTS.findall(fold_text(text)))


def _is_spelled(parts: list[str]) -> bool:
    """At least two thirds of the words are letters, numbers or names of characters."""
    text = _EXPLAINED.sub("", "".join(parts).lower())
    names = [p for p in _PARTS.findall(text) if p[0].isalnum()]
    hits = sum(
        len(n) == 1 or n in READINGS or n in NATO or n in TIMES or n.isdigit() or n in _UPPER
        for n in names
    )
    return len(names) >= _FEW and hits * 3 >= len(names) * 2


def _units(parts: list[str], *, spelled: bool) -> list[Unit]:
    units: list[Unit] = []
    times, upper, tens, skip = 1, False, False, 0
    tokens = [p.lower() for p in parts]
    for at, (part, word) in enumerate(zip(parts, tokens, strict=True)):
        if skip:
            skip -= 1
            continue
        if part.isspace():
            units.append(Unit(" ", single=False, said=False))
            continue
        reading = READINGS.get(word)
        near = _next_to_a_number(tokens, at)
        if reading is not None and (near or (spelled and word != "o")):
            if tens and len(reading) == 1 and reading != "0":
                units = _drop_space(units)
                units[-1].text = units[-1].text[:-1] + reading
            else:
                units.append(Unit(reading * times, single=True, said=True))
            tens, times = word in TENS, 1
            continue
        tens = tens and word == "-"
        if word in TIMES and spelled:
            times = TIMES[word]
        elif spelled and word in _UPPER:
            upper = True
        elif spelled and (word in _LOWER or word in _CASE or word in _SIGNS):
            continue
        elif spelled and word in {"as", "for", "like"} and (letter := _last_letter(units)):
            skip = _explained(tokens, at, letter.text)
            if skip and not letter.capital:
                letter.text = letter.text.lower()
            units = units if skip else [*units, Unit(part, single=False, said=False)]
        elif spelled and (name := _letter(word)) is not None:
            text = name.upper() if upper or (len(part) == 1 and part.isupper()) else name
            units.append(Unit(text * times, single=True, said=True, capital=upper))
            upper, times = False, 1
        elif spelled and word in SYMBOLS:
            units.append(Unit(SYMBOLS[word] * times, single=True, said=True))
            times = 1
        else:
            said = part.isdigit()
            units.append(Unit(part * times, single=len(part) == 1, said=said))
            times = 1
    return units


def _letter(word: str) -> str | None:
    if len(word) == 1 and word.isalpha():
        return word
    return NATO.get(word) or (LETTER_NAMES.get(word) if word in {"zed", "zee", "aitch"} else None)


def _last_letter(units: list[Unit]) -> Unit | None:
    last = next((u for u in reversed(units) if u.text != " "), None)
    return last if last is not None and last.single else None


def _next_to_a_number(tokens: list[str], at: int) -> bool:
    before = next((t for t in reversed(tokens[:at]) if t.isalnum()), "")
    after = next((t for t in tokens[at + 1 :] if t.isalnum()), "")
    return any(t.isdigit() or (t in READINGS and t != "o") for t in (before, after))


def _explained(tokens: list[str], at: int, letter: str) -> int:
    """Return how many tokens after "as" belong to "M as in Mike"."""
    rest = [(n, t) for n, t in enumerate(tokens[at + 1 :], 1) if not t.isspace()]
    if tokens[at] == "as" and rest and rest[0][1] == "in":
        rest = rest[1:]
    if rest and rest[0][1][:1] == letter.lower():
        return rest[0][0]
    return 0


def _drop_space(units: list[Unit]) -> list[Unit]:
    while len(units) > 1 and units[-1].text in {" ", "-"}:
        units = units[:-1]
    return units


def _join(units: list[Unit]) -> str:
    """Drop the spaces and dashes between digits or single characters; keep those between words."""
    solid = [u for u in units if u.text != " "]
    ending = 0
    while ending < len(solid) and solid[-1 - ending].text in _ENDS and not solid[-1 - ending].said:
        ending += 1
    if ending <= _LONGEST_END:
        solid = solid[: len(solid) - ending]
    kept: list[str] = []
    gap = False
    last: Unit | None = None
    wanted = {id(u) for u in solid}
    for at, unit in enumerate(units):
        if unit.text == " ":
            gap = True
            continue
        if id(unit) not in wanted:
            break
        small = unit.single or unit.text.isdigit()
        if unit.text in "-,." and not unit.said and last is not None:
            after = next((u for u in units[at + 1 :] if u.text != " "), None)
            if (
                _small(last)
                and after is not None
                and _small(after)
                and (gap or _digits(last, after))
            ):
                continue
        if gap and kept and not (last is not None and _small(last) and small):
            kept.append(" ")
        kept.append(unit.text)
        last, gap = unit, False
    return "".join(kept)


def _small(unit: Unit) -> bool:
    return unit.single or unit.text.isdigit()


def _digits(first: Unit, second: Unit) -> bool:
    return (first.text.isdigit() and second.text.isdigit()) or (first.single and second.single)
