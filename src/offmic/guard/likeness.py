"""Tells whether what stands in a secret's place looks like one; it must never look around it."""

from __future__ import annotations

from typing import Final

from offmic.guard.spoken import NATO, READINGS, SYMBOLS, TIMES
from offmic.guard.typed import spelled_out

_SENTENCE: Final = frozenset(".,;!?")
_SHORTEST_CODE: Final = 4
_LONGEST_CODE: Final = 14
_LONGEST_DASHED: Final = 48
_SHORTEST_KEY: Final = 8
_LONG_KEY: Final = 18


def is_spelled(word: str) -> bool:
    """Tell whether a word gives one character, or a few digits."""
    return (
        len(word) == 1
        or word.isdigit()
        or word in READINGS
        or word in NATO
        or word in TIMES
        or word in SYMBOLS
    )


def is_odd(value: str, text: str) -> bool:
    """Tell whether a value is one word that is none, or was spelled out.

    Args:
        value: the value as it would be typed.
        text: how it was written or said.
    """
    if " " in value:
        return spelled_out(text)
    plain = _plain(value)
    return any(map(str.isdigit, plain)) or not (plain.islower() or plain.istitle())


def is_code(value: str) -> bool:
    """Tell whether a value may be a code of letters and digits."""
    plain = _plain(value)
    digits = sum(map(str.isdigit, plain))
    longest = _LONGEST_DASHED if "-" in value else _LONGEST_CODE
    return 0 < digits < len(plain) and _SHORTEST_CODE <= len(plain) <= longest and " " not in value


def is_key(value: str, text: str) -> bool:
    """Tell whether a value may be a key or a token.

    Args:
        value: the value as it would be typed.
        text: how it was written or said.
    """
    plain = _plain(value)
    if len(plain) < _SHORTEST_KEY:
        return False
    if spelled_out(text):
        return True
    digits = sum(map(str.isdigit, plain))
    mixed = digits > 1 or not (plain.islower() or plain.isupper() or plain.istitle())
    whole = len(plain) >= _LONG_KEY and (plain == value or plain.isupper())
    return " " not in value and (mixed or whole)


def ends_sentence(texts: list[str], size: int) -> bool:
    """Tell whether the last of so many tokens ends a sentence: more than three marks do not."""
    last = texts[size - 1]
    return last in _SENTENCE and texts[max(0, size - 4) : size] != [last] * 4


def _plain(value: str) -> str:
    return "".join(c for c in value if c.isalnum())
