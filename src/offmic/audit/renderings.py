"""Finds a value in any form in a text; it must never use the guard's own code.

The guard cannot be asked whether it failed, so the ways to write or say a value are listed here
once more: as it is, spaced out, reversed, in number words, spelled, encoded, in parts.
"""

from __future__ import annotations

import base64
import codecs
import math
import re
import urllib.parse
from functools import cached_property
from typing import Final

from offmic.audit.words import NATO, plain, read_aloud, say_digits, say_doubles, say_pairs

_PART_LENGTH: Final = 4
"""A word or run of digits this long is a part of the value that tells something."""
_STAMP_LENGTH: Final = 6
"""Shorter numbers stand in logs by chance: process ids, ports, milliseconds."""
_LEET: Final = str.maketrans("431057", "aeiost")
_GIVEN_AT_RANDOM: Final = re.compile(
    r"\b[a-z]{2,9}_(?=\d*[a-z])[0-9a-z]{12}\b"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b(?=\d*[a-f])[0-9a-f]{16}(?:[0-9a-f]{16})?\b"
    r"|\"pid\": \d+"
)
"""Names of jobs, items, spans and processes: four digits of a value stand there by chance."""


class Text:
    """A text that is searched for many values; what reading it takes is done once.

    Args:
        text: what a sink carried: a log, a transcript, a request.
        said: whether people's words stand in it and nothing else; short parts of numbers then
            count too, which a log is full of.
    """

    def __init__(self, text: str, *, said: bool = False) -> None:
        self.text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
        self.said = said

    @cached_property
    def plain(self) -> str:
        """In small Latin letters and digits, without what cannot be seen."""
        return plain(self.text)

    @cached_property
    def meant(self) -> str:
        """What is plain, without the names that programs give at random."""
        return self.plain if self.said else _GIVEN_AT_RANDOM.sub("#", self.plain)

    @cached_property
    def squeezed(self) -> str:
        """Letters and digits alone; once more without tags."""
        return _squeeze(self.plain) + "\n" + _squeeze(re.sub(r"<[^<>]{0,80}>", "", self.plain))

    @cached_property
    def unleeted(self) -> str:
        """Letters alone, digits taken for those that they look like."""
        return self.squeezed.translate(_LEET)

    @cached_property
    def numbers(self) -> set[str]:
        """Runs of digits; in people's words without what stands between them."""
        gap = r"[\s.,;:_-]{0,2}" if self.said else ""
        runs = re.finditer(rf"(?<!\d)(?<!\d[.:,])\d(?:{gap}\d)*", self.plain)
        return {re.sub(r"\D", "", run[0]) for run in runs}

    @cached_property
    def read(self) -> str:
        """What somebody notes down who hears it read aloud."""
        return read_aloud(re.sub(r"<[^<>]{0,80}>", "", self.plain))


def leaks(value: str, text: str | Text) -> list[str]:
    """Return the names of all renderings of the value, or of its telling parts, found in the text.

    Args:
        value: the secret as it stands in the file of secrets.
        text: what a sink carried: a log, a transcript, a request.
    """
    where = text if isinstance(text, Text) else Text(text)
    found = [name for name, form in _exact(value).items() if _is_in(form, where)]
    found += [name for name, form in renderings(value).items() if _stands_in(form, where)]
    whole = _squeeze(plain(value))
    if any(piece in where.read for piece in _pieces(whole, _least(whole, where))):
        found.append("read aloud")
    if not whole.isdigit() and whole.translate(_LEET) in where.unleeted:
        found.append("leet")
    if whole.isdigit() and _in_part(whole, where):
        found.append("a part of the number")
    return found


def renderings(value: str) -> dict[str, str]:
    """Return each way to say the value, by name, with everything but letters and digits dropped."""
    whole = _squeeze(plain(value))
    forms = {
        "written": whole,
        "reversed": whole[::-1],
        "digit words": _squeeze(say_digits(value)),
        "digit words with oh": _squeeze(say_digits(value).replace("zero", "oh")),
        "digit pairs": _squeeze(say_pairs(value)),
        "double digits": _squeeze(say_doubles(value)),
        "spelling alphabet": "".join(NATO.get(c) or _squeeze(say_digits(c)) for c in whole),
        "rot13": codecs.encode(whole, "rot13"),
    }
    for part in re.findall(r"[a-z]+|[0-9]+", plain(value)):
        if len(part) >= _PART_LENGTH and part != whole:
            forms[f"part {len(forms)}"] = part
            if part.isdigit():
                forms[f"part {len(forms)} in words"] = _squeeze(say_digits(part))
                forms[f"part {len(forms)} in pairs"] = _squeeze(say_pairs(part))
            else:
                forms[f"part {len(forms)} spelled"] = "".join(NATO[c] for c in part)
                forms[f"part {len(forms)} reversed"] = part[::-1]
    return {name: form for name, form in forms.items() if len(form) >= _PART_LENGTH}


def _exact(value: str) -> dict[str, str]:
    raw = value.encode()
    return {
        "as it is": value,
        "base64": base64.b64encode(raw).decode().rstrip("="),
        "base64url": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "hex": raw.hex(),
        "spaced hex": raw.hex(" "),
        "percent": "".join(f"%{b:02X}" for b in raw),
        "url quoted": urllib.parse.quote(value),
    }


def _half(whole: str) -> int:
    return max(math.ceil(len(whole) / 2), _PART_LENGTH)


def _least(whole: str, where: Text) -> int:
    """Return how much of a value tells it here."""
    return _half(whole) if where.said else max(_half(whole), _STAMP_LENGTH)


def _pieces(whole: str, length: int) -> list[str]:
    """Return what tells too much when read aloud: each window of a number, the ends of a word."""
    if len(whole) < length:
        return []
    if whole.isdigit():
        return [whole[at : at + length] for at in range(len(whole) - length + 1)]
    return [whole[:length], whole[-length:]]


def _in_part(whole: str, where: Text) -> bool:
    if where.said:
        pieces = _pieces(whole, _half(whole))
        return any(piece in number for number in where.numbers for piece in pieces)
    shortest = _least(whole, where)
    return any(len(number) >= shortest and number in whole for number in where.numbers)


def _is_in(form: str, where: Text) -> bool:
    if form.isdigit() and len(form) <= _STAMP_LENGTH and not where.said:
        return _stands_in(form, where)
    return form in where.text or form in where.plain


def _stands_in(form: str, where: Text) -> bool:
    if not form.isdigit():
        return form in where.squeezed
    # A short run of digits would be found in any time stamp: it must stand alone, though it may be
    # spaced out.
    spaced = r"[\s.,;:_-]{0,2}".join(form)
    return re.search(rf"(?<!\d)(?<!\d[.:,]){spaced}(?!\d)", where.meant) is not None


def _squeeze(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text)
