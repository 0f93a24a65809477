"""Every string under which a vault value may be written; it must never drop the value itself.

A form is a skeleton: what is left of a rendering when case, spacing and punctuation are taken away.
"""

from __future__ import annotations

import base64
import codecs
import datetime
import re
from typing import Final
from urllib.parse import quote

from offmic.guard.fold import counts, fold_text
from offmic.guard.plainwords import looks_everyday

MIN_RUN: Final = 4
"""A run of a value shorter than this is no secret by itself."""

_PARTS_OF_WORDS: Final = re.compile(r"[^\W\d_A-Z]+|[A-Z](?:[^\W\d_A-Z]+|[A-Z]*)")
_SHORTEST_WORD: Final = 3
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


def skeleton(value: str) -> str:
    """Return the letters and digits of a value as they read, in lower case.

    A value with fewer than four of them keeps its symbols; only its spaces go.
    """
    folded = "".join(c.lower() for c in fold_text(value))
    plain = "".join(c for c in folded if counts(c))
    if len(plain) >= MIN_RUN:
        return plain
    return "".join(c for c in folded if not c.isspace()) or value


def least_run(length: int) -> int:
    """Return how many characters of a value of this length already tell it."""
    return max(MIN_RUN, (length + 1) // 2)


def run_lengths(value: str) -> list[int]:
    """Return for each letter or digit of a value how many from there on already tell it.

    Half of a value is counted with its symbols: of "K_6gWzye" the half "K_6g" has three that count.
    """
    folded = [c for c in fold_text(value) if not c.isspace()]
    places = [at for at, c in enumerate(folded) if counts(c)]
    usual, size = least_run(len(places)), least_run(len(folded))
    jumbled = is_jumbled(value)
    lengths: list[int] = []
    for nth, at in enumerate(places):
        begin = min(places[nth - 1] + 1 if nth else at, len(folded) - size)
        if begin <= (places[nth - 1] if nth else -1):
            lengths.append(usual)
            continue
        half = [c for c in folded[begin : begin + size] if counts(c)]
        odd = jumbled or not looks_everyday("".join(half).lower(), solid=False)
        mixed = odd and not all(map(str.isdecimal, half))
        fewest = MIN_RUN - 1 if mixed else MIN_RUN
        lengths.append(min(usual, max(len(half), fewest)))
    return lengths


def is_jumbled(value: str) -> bool:
    """Tell whether the letters of a value form no words: no part of it is an everyday word."""
    parts = _PARTS_OF_WORDS.findall(value)
    return bool(parts) and sum(map(len, parts)) < _SHORTEST_WORD * len(parts)


def encodings(value: str) -> dict[str, str]:
    """Return the skeletons of a value's encodings, each with the padding that ends it.

    They are: reversed, ROT13, base64, base32, hexadecimal and percent.
    """
    raw = value.encode("utf-8", "surrogatepass")
    base = skeleton(value)
    forms = [
        base[::-1],
        skeleton(codecs.encode(value, "rot13")),
        base64.b64encode(raw).decode("ascii"),
        base64.b32encode(raw).decode("ascii"),
        raw.hex(),
        quote(value, safe="", errors="surrogatepass"),
        "".join(
            c if c.isascii() and c.isalnum() else c.encode("utf-8", "surrogatepass").hex()
            for c in value
        ),
    ]
    tails = {skeleton(f): f[len(f.rstrip("=")) :] for f in forms}
    return {f: tail for f, tail in tails.items() if f != base and len(f) >= MIN_RUN}


def date_forms(value: str) -> tuple[str, ...]:
    """Return the orders in which an ISO date is said or written, as skeletons; none for others."""
    found = _ISO_DATE.fullmatch(value.strip())
    if found is None:
        return ()
    year, month, day = (int(part) for part in found.groups())
    try:
        datetime.date(year, month, day)
    except ValueError:
        return ()
    long, d, m = _MONTHS[month - 1], str(day), str(month)
    ordinal = f"{d}{_suffix(day)}"
    forms: list[str] = []
    for years in (str(year), f"{year % 100:02}"):
        for name in (long, long[:3]):
            for days in (d, f"{day:02}", ordinal):
                forms += (f"{days}{name}{years}", f"{name}{days}{years}")
                if len(years) == MIN_RUN:
                    forms.append(f"{years}{name}{days}")
        for days, months in ((d, m), (f"{day:02}", f"{month:02}")):
            forms += (f"{days}{months}{years}", f"{months}{days}{years}", f"{years}{months}{days}")
    return tuple(dict.fromkeys(forms))


def _suffix(day: int) -> str:
    if day in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
