"""Finds a value in any form in a text; it must never use the guard's own code.

The guard cannot be asked whether it failed, so the ways to write or say a value are listed here
once more: as it is, spaced out, reversed, in number words, spelled, encoded, in parts.
"""

from __future__ import annotations

import base64
import re
import unicodedata
import urllib.parse
from typing import Final

_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NATO: Final = {
    word[0]: word
    for word in (
        *("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india"),
        *("juliett", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo"),
        *("sierra", "tango", "uniform", "victor", "whiskey", "xray", "yankee", "zulu"),
    )
}
_PART_LENGTH: Final = 4
"""A word or run of digits this long is a part of the value that tells something."""


def leaks(value: str, text: str) -> list[str]:
    """Return the names of all renderings of the value, or of its telling parts, found in the text.

    Args:
        value: the secret as it stands in the file of secrets.
        text: what a sink carried: a log, a transcript, a request.
    """
    plain = _plain(text)
    squeezed = _squeeze(text)
    found = [name for name, form in _exact(value).items() if form in text or form in plain]
    found += [name for name, form in renderings(value).items() if _stands_in(form, squeezed, plain)]
    return found


def renderings(value: str) -> dict[str, str]:
    """Return each way to say the value, by name, with everything but letters and digits dropped."""
    whole = _squeeze(value)
    forms = {
        "written": whole,
        "reversed": whole[::-1],
        "digit words": _squeeze(_say_digits(value)),
        "digit words with oh": _squeeze(_say_digits(value).replace("zero", "oh")),
        "digit pairs": _squeeze(_say_pairs(value)),
        "double digits": _squeeze(_say_doubles(value)),
        "spelling alphabet": "".join(_NATO.get(c, _say_digits(c)) for c in whole),
    }
    for part in re.findall(r"[a-z]+|[0-9]+", _plain(value)):
        if len(part) >= _PART_LENGTH and part != whole:
            forms[f"part {len(forms)}"] = part
            if part.isdigit():
                forms[f"part {len(forms)} in words"] = _say_digits(part).replace(" ", "")
                forms[f"part {len(forms)} in pairs"] = _squeeze(_say_pairs(part))
            else:
                forms[f"part {len(forms)} spelled"] = "".join(_NATO[c] for c in part)
    return {name: form for name, form in forms.items() if len(form) >= _PART_LENGTH}


def _exact(value: str) -> dict[str, str]:
    raw = value.encode()
    return {
        "as it is": value,
        "base64": base64.b64encode(raw).decode().rstrip("="),
        "base64url": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "hex": raw.hex(),
        "percent": "".join(f"%{b:02X}" for b in raw),
        "url quoted": urllib.parse.quote(value),
        "unicode escapes": "".join(f"\\u{ord(c):04x}" for c in value),
    }


def _stands_in(form: str, squeezed: str, plain: str) -> bool:
    if not form.isdigit():
        return form in squeezed
    # A short run of digits would be found in any time stamp: it must stand alone, though it may be
    # spaced out.
    spaced = r"[\s.,;:_-]{0,2}".join(form)
    return re.search(rf"(?<!\d)(?<!\d[.:,]){spaced}(?!\d)", plain) is not None


def _plain(text: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(c) != "Cf"
    )


def _squeeze(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", _plain(text))


def _say_digits(text: str) -> str:
    return re.sub(r"[0-9]", lambda m: f" {_DIGITS[int(m[0])]} ", text)


def _say_pairs(text: str) -> str:
    def say(match: re.Match[str]) -> str:
        number = int(match[0])
        if match[0][0] == "0":
            return _say_digits(match[0])
        if number < 20:
            return f" {_TEENS[number - 10]} "
        tens, ones = divmod(number, 10)
        return f" {_TENS[tens - 2]} {_DIGITS[ones] if ones else ''} "

    return _say_digits(re.sub(r"[0-9]{2}", say, text))


def _say_doubles(text: str) -> str:
    def say(match: re.Match[str]) -> str:
        return f" {'double' if len(match[0]) == 2 else 'triple'} {_DIGITS[int(match[0][0])]} "

    return _say_digits(re.sub(r"([0-9])\1{1,2}", say, text))
