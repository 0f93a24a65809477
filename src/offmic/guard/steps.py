"""Follows a path to a vault value through one spoken word; it must never see the text itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from offmic.guard.spoken import (
    FOREIGN,
    LETTER_NAMES,
    NATO,
    ORDINALS,
    READINGS,
    SCALES,
    SILENT,
    SYMBOLS,
    TIMES,
    VALUES,
    prefixes,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_GAP: Final = 24
"""How much that stands for nothing may stand between two characters of a value."""

CASES: Final = words("capital uppercase lowercase cap")
_EXPLAINS: Final = frozenset({"as", "for", "like"})
Cardinal: TypeAlias = tuple[int, int]


class Path(NamedTuple):
    """One way in which what was read may become a value."""

    start: int
    read: str
    end: int
    gap: int = 0
    times: int = 1
    number: Cardinal | None = None
    explains: str = ""
    aligned: bool = False
    solid: bool = False


def widen(path: Path, by: int = 1) -> Path:
    """Return a path with more behind it that stands for nothing."""
    start, read, end, gap, times, number, explains, aligned, solid = path
    return Path(start, read, end, gap + by, times, number, explains, aligned, solid)


Viable: TypeAlias = "Callable[[str], bool]"


def step(path: Path, word: str, end: int, viable: Viable, *, fresh: bool = False) -> list[Path]:
    """Follow one path through one word.

    Args:
        path: where it stands before the word.
        word: the word, in lower case.
        end: position behind the word.
        viable: tells whether a value begins with some text.
        fresh: whether the path begins with this word.

    Returns:
        Where it may stand behind the word; nowhere if the word does not belong to a value.
    """
    if path.explains == "case":
        fresh = True
    elif path.explains:
        return _explain(path, word, end)
    if path.number is not None:
        return _count(path, path.number, word, end, viable)
    if not (path.aligned or fresh):
        return []
    start, read, times = path.start, path.read, path.times
    out = [
        Path(start, text, end, aligned=True, solid=True)
        for text in _readings(read, word, times)
        if viable(text)
    ]
    if times == 1 and word in VALUES and viable(read + READINGS[word][0]):
        number = (0, VALUES[word])
        out.append(Path(start, read, path.end, number=number, aligned=True, solid=True))
    if fresh and word in CASES:
        out.append(Path(start, "", end, explains="case", aligned=True))
    if word in TIMES and times == 1:
        out.append(Path(start, read, path.end, times=TIMES[word], aligned=True, solid=True))
    if not read or path.gap >= LONGEST_GAP:
        return out
    if word in SYMBOLS or word in SILENT:
        out.append(widen(path, 2))
    elif word in _EXPLAINS and times == 1:
        out.append(path._replace(explains="as" if word == "as" else "in", gap=path.gap + 1))
    return out


def _readings(read: str, word: str, times: int) -> list[str]:
    """Return what was read with each meaning that the word may have."""
    texts: list[str] = []
    if (reading := READINGS.get(word)) is not None:
        texts.append(read + reading * times)
    elif word in ORDINALS:
        texts.append(read + str(ORDINALS[word]))
    elif word in FOREIGN:
        texts.append(read + FOREIGN[word] * times)
    letter = NATO.get(word) or LETTER_NAMES.get(word)
    if letter is not None:
        texts.append(read + letter * times)
    if times == TIMES["double"] and (letter == "u" or word == "u"):
        texts.append(read + "w")
    if read and word in SYMBOLS:
        texts.append(read + SYMBOLS[word])
    return texts


def _explain(path: Path, word: str, end: int) -> list[Path]:
    """Follow a path through the words of "M as in Mike"."""
    if path.explains == "as" and word == "in":
        return [path._replace(explains="in", gap=path.gap + 1)]
    if path.explains == "in" and path.read and word[0] == path.read[-1]:
        return [Path(path.start, path.read, end, aligned=path.aligned, solid=True)]
    return []


def _count(path: Path, number: Cardinal, word: str, end: int, viable: Viable) -> list[Path]:
    """Follow a path that is in the middle of a number such as "forty-eight hundred"."""
    if word == "and":
        return [widen(path)]
    total, current = number
    if (value := VALUES.get(word, ORDINALS.get(word))) is not None:
        low = current % 100
        fits = (low == 0 or (low >= 20 and low % 10 == 0)) if value < 10 else low == 0
        if not fits or value == 0:
            return []
        current += value
    elif word == "hundred" and 0 < current < 100:
        current *= 100
    elif word == "thousand" and 0 < current < 1000 and not total:
        total, current = current * 1000, 0
    else:
        return []
    out: list[Path] = []
    read = path.read + str(total + current)
    if viable(read):
        out.append(Path(path.start, read, end, aligned=True, solid=True))
    # What a longer number would begin with: "four thousand" may become 4821.
    if viable(path.read + str(total // 1000 or current).rstrip("0")):
        out.append(path._replace(number=(total, current), gap=0))
    return out


_PARTS: Final = (*READINGS, *FOREIGN, *NATO, *LETTER_NAMES, *ORDINALS, *TIMES, *SYMBOLS, *SILENT)
STEPS: Final = frozenset((*_PARTS, *_EXPLAINS, *CASES, "u"))
"""The words with which a path may go on that is not in the middle of a number or a spelling."""

WORD_BEGINNINGS: Final = prefixes((*_PARTS, *SCALES, *_EXPLAINS))
"""The beginnings of every word through which a path may go on."""
