"""What a code point is typed as; it must never change text that goes on, only how it is read.

Compatibility forms, other scripts' digits, accents and look-alike letters become plain characters;
invisible characters become nothing.
"""

# ruff: noqa: RUF001 - look-alikes are what the table is made of

from __future__ import annotations

import unicodedata
from typing import Final

# Letters of other scripts that look like a Latin one, after Unicode's confusables (UTS 39).
_LOOK_ALIKES: Final = {
    "a": "аɑαᴀ", "b": "ЬƄᏏ", "c": "сϲᴄⅽ", "d": "ԁᏧɗ", "e": "еҽєε", "f": "ƒғ",
    "g": "ɡցԍ", "h": "һհᏂ", "i": "іιɩıӏ", "j": "јϳ", "k": "кκᴋ", "l": "ǀןӀ", "m": "мᴍ",
    "n": "пոᴎηռ", "o": "оοօσᴏ", "p": "рρ", "q": "ԛգզ", "r": "гᴦɾ", "s": "ѕꜱʂ", "t": "тτᴛ",
    "u": "սυʋᴜ", "v": "νѵᴠ", "w": "ԝшѡωᴡ", "x": "хχ×", "y": "уүγʏ", "z": "ᴢʐζ",
    "A": "АΑᎪ", "B": "ВΒᏴ", "C": "СϹᏟ", "D": "ᎠᗪĐ", "E": "ЕΕᎬ", "F": "ϜᖴҒ", "G": "ԌᏀ",
    "H": "НΗᎻ", "I": "ІΙΊ", "J": "ЈᎫ", "K": "КΚᏦ", "L": "ᏞᒪŁ", "M": "МΜᎷ", "N": "ΝԲ",
    "O": "ОΟՕØ", "P": "РΡᏢ", "Q": "Ԛ", "R": "ᎡᏒ", "S": "ЅՏᏚ", "T": "ТΤᎢ", "U": "ՍԱ", "V": "ѴᏙ",
    "W": "ԜᎳ", "X": "ХΧ", "Y": "ΥҮУ", "Z": "ΖᏃ", "'": "’‘ʼʹ′´`", '"': "“”″", "-": "−‐‑‒–—―⁃",
    ".": "․。", ",": "‚،", "/": "⁄∕", "*": "∗", "3": "ЗƷ", "4": "Ꮞ", "6": "б", "8": "Ȣ",
}  # fmt: skip

_FOLDED: Final[dict[str, str]] = {
    alike: plain for plain, group in _LOOK_ALIKES.items() for alike in group if alike != plain
}
# Letters by category, but nothing to be seen: fillers and blanks.
_FOLDED.update(dict.fromkeys("\u115f\u1160\u3164\uffa0\u17b4\u17b5\u2800", ""))

_KNOWN_LIMIT: Final = 4096
_LARGEST_SIGN: Final = 100


def fold(char: str) -> str:
    """Return what one code point reads as.

    Args:
        char: one code point.

    Returns:
        Nothing for what cannot be seen, one character for most, a few for ligatures.
    """
    known = _FOLDED.get(char)
    if known is None:
        known = _fold(char)
        if len(_FOLDED) < _KNOWN_LIMIT:
            _FOLDED[char] = known
    return known


def counts(char: str) -> bool:
    """Tell whether a folded character is a letter or a digit: what a value is compared by."""
    return char.isalpha() or char.isdecimal()


def fold_text(text: str) -> str:
    """Return what a whole text reads as, code point by code point."""
    return "".join(map(fold, text))


def _fold(char: str) -> str:
    if char.isascii():
        return char if char.isprintable() or char.isspace() else ""
    if char.isspace():
        return " "
    parts: list[str] = []
    for part in unicodedata.normalize("NFKD", char):
        category = unicodedata.category(part)
        if category in {"Mn", "Me", "Cf", "Cc", "Cs", "Cn", "Co"}:
            continue
        number = unicodedata.numeric(part, None)
        if number is not None and number.is_integer() and 0 <= number < _LARGEST_SIGN:
            parts.append(str(int(number)))
        else:
            parts.append(_FOLDED.get(part, part))
    return "".join(parts)
