"""A number that is being asked for: every digit that the caller gives belongs to it.

What it has so far may go into a `Secret` and nowhere else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from offmic.guard.dictation import take_down
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from offmic.guard.dictation import Piece

MOST_DIGITS: Final = 40
SURELY_WHOLE: Final = 13

_ANEW: Final = re.compile(
    r"\b(?:start (?:over|again)|starting over|from the (?:start|beginning|top)|scratch that"
    r"|once (?:more|again)|all over|begin again|(?:let me|i will|i'll) (?:repeat|say it again))\b"
)
_NOT: Final = re.compile(r"\b(?:not|isn't|wasn't|instead of|rather than)(?: an?| the)? *$")
_BUT: Final = re.compile(r"^\W*(?:but|it'?s|it is|it was|rather|i mean|make (?:it|that)|is)\b")
_TAIL: Final = re.compile(
    r"\b(?:end(?:s|ing)?|finish(?:es)?) (?:in|with|on|by)\b"
    r"|\b(?:last|final|end)\b[\w ]*\b(?:is|are|was|were|be)\b"
    r"|\blast (?:digits?|numbers?|one)\b"
)
_HEAD: Final = re.compile(
    r"\b(?:start(?:s|ing)?|begin(?:s|ning)?) (?:in|with|on|by)\b"
    r"|\bfirst\b[\w ]*\b(?:is|are|was|were|be)\b|\bfirst (?:digits?|numbers?)\b"
)
_WRONG: Final = re.compile(
    r"\b(?:no|nope|sorry|pardon|correction|actually|wait|oops|wrong|mistake|i mean(?:t)?"
    r"|rather|excuse me|make that|should be)\b"
)

_COUNTED: Final = re.compile(r"\b(?:first|last|final|next|other) *$")
_COUNTS: Final = re.compile(
    r"^ *(?:digits?|numbers?|ones)? *(?:is|are|was|were|should be|digits?|numbers?)\b"
)


class Asking:
    """What is being asked for, and what has come of it.

    Args:
        label: what it is called; it stands in the transcript for each run of digits.
        kind: what sort of secret it is.
        size: how many digits it has most often.
        is_whole: tells of digits that came at once whether they are all of it by themselves: they
            then take the place of what came before.
        months: whether a month's name counts as two digits.
    """

    def __init__(
        self,
        label: str,
        kind: Kind = Kind.OTHER,
        *,
        size: int = SURELY_WHOLE,
        is_whole: Callable[[str], bool] = lambda digits: len(digits) >= SURELY_WHOLE,
        months: bool = False,
    ) -> None:
        self.label = label
        self.kind = kind
        self.ended = False
        """Whether the caller pressed the key that ends the number."""
        self._size = size
        self._is_whole = is_whole
        self._months = months
        self._digits = ""
        self._doubted = False

    def __repr__(self) -> str:
        return f"Asking({self.label!r}, {len(self._digits)} digits)"

    @property
    def missing(self) -> int:
        """How many digits there are to come, most often."""
        return max(self._size - len(self._digits), 0)

    def cut(self, text: str) -> list[Piece]:
        """Return the words and the runs of digits of a text, without taking anything down."""
        return take_down(text, months=self._months)

    def hear(self, pieces: Iterable[Piece]) -> None:
        """Take down what was said or typed, corrections included.

        Args:
            pieces: of one final transcript or message, as `cut` returns them.
        """
        runs = list(_runs(pieces))
        fresh, skip = "", False
        for (said, digits), (after, other) in zip(runs, [*runs[1:], ("", "")], strict=True):
            if _ANEW.search(said):
                self.clear()
            if skip or not digits:
                skip = False
            elif _NOT.search(said) and other and _BUT.search(after):
                self._swap(digits, other)  # "not four but five"
                skip = True
            elif _NOT.search(said):
                # "five, not four"
                self._digits = self._digits.removesuffix(fresh)
                self._swap(digits, fresh)
            else:
                self._place(said, digits)
                fresh = digits
        self._digits = self._digits[-MOST_DIGITS:]

    def press(self, key: str) -> None:
        """Take down a key of a phone: a digit, `*` to begin anew, `#` to end."""
        if self._doubted or key == "*":
            self.clear()
        if key == "*":
            return
        if key == "#":
            self.ended = True
        elif len(key) == 1 and key.isdecimal():
            self._digits = (self._digits + key)[-MOST_DIGITS:]

    def clear(self) -> None:
        """Forget what came so far."""
        self._digits, self.ended, self._doubted = "", False, False

    def doubt(self) -> None:
        """What came so far is wrong somewhere: it stays to be corrected, or to be said anew."""
        self._doubted, self.ended = True, False

    def digits(self) -> str:
        """Return the digits so far, to be checked; they may go into a `Secret` and nowhere else."""
        return self._digits

    def _place(self, said: str, digits: str) -> None:
        before, size = self._digits, len(digits)
        if not _HEAD.search(said) and not _TAIL.search(said) and self._is_whole(digits):
            self._digits = digits
        elif before and _HEAD.search(said):
            self._digits = digits + before[size:]
        elif before and (_TAIL.search(said) or _WRONG.search(said)):
            self._digits = before[:-size] + digits
        else:
            self._digits = digits if self._doubted else before + digits
        self._doubted = False

    def _swap(self, wrong: str, right: str) -> None:
        head, found, tail = self._digits.rpartition(wrong)
        if found:
            self._digits = head + right + tail


def _runs(pieces: Iterable[Piece]) -> Iterator[tuple[str, str]]:
    """Yield each run of digits with the words before it, and at last the words that are left."""
    said = ""
    listed = list(pieces)
    for piece, after in zip(listed, [*listed[1:], ""], strict=True):
        if isinstance(piece, str):
            said += piece.casefold().replace("\u2019", "'")
        elif isinstance(after, str) and _COUNTED.search(said) and _COUNTS.search(after):
            said += "some"  # "the last four are": how many, and none of them
        else:
            yield said, piece.text
            said = ""
    yield said, ""
