"""Finds account and identity numbers that hold letters; only the words before make one a secret.

"Your passport number on file is A12803456", written so or read out letter by letter. What is made
of digits alone belongs to the recogniser of numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.spoken import NATO, READINGS, TIMES, words
from offmic.guard.tokens import Shape
from offmic.guard.typed import typed
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.cues import Cue, Cues
    from offmic.guard.tokens import Token

RANK_IDENTIFIER: Final = 3
_KINDS: Final = frozenset({Kind.GOV_ID, Kind.ACCOUNT, Kind.SSN})
_REACH: Final = 6
_STOPS: Final = 1
_SHORTEST: Final = 6
_LONGEST: Final = 24
_FEWEST_DIGITS: Final = 3
_LONGEST_GROUP: Final = 2
_JOINTS: Final = frozenset("-./")
_JOINT_WORDS: Final = words("dash hyphen slash dot")
_SAID: Final = frozenset(READINGS) | frozenset(NATO) | frozenset(TIMES)
_KNOWN_WORDS: Final = _SAID | _JOINT_WORDS | {"ray"}
_WORDS_ALONE: Final = words("i a o")


class Identifiers:
    """The recogniser of numbers with letters behind such words as "passport number"."""

    def __init__(self, matches: list[Match], cues: Cues) -> None:
        self._matches = matches
        self._cues = cues
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._parts: list[Token] = []
        self._cue: Cue | None = None
        self._letters = self._digits = 0
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something, or is about to: the words before call for it."""
        return bool(self._parts) or self._near() is not None

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if not self._parts:
            self._begin(token)
        elif token.shape is Shape.SPACE or token.text in _JOINTS:
            twice = self._parts[-1].shape in {Shape.SPACE, Shape.SYMBOL} and token.text != " "
            if twice or self._is_plain_word(self._last()):
                self._end()
            else:
                self._parts.append(token)
        elif self._fits(token) and len(self._parts) < _LONGEST * 3:
            self._append(token)
        else:
            self._end(broken=token.glued)
            self._begin(token)

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if self._parts:
            # What is incomplete may still turn out to be glued to more.
            return self.hold
        return token.start if self._near() is not None and self._may_begin(token) else NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        self._end()

    def _near(self) -> Cue | None:
        cue = self._cues.cue
        if cue is None or cue.kind not in _KINDS:
            return None
        near = self._cues.words_since(cue) <= _REACH and self._cues.stops_since(cue) <= _STOPS
        return cue if near else None

    def _may_begin(self, token: Token) -> bool:
        return not token.glued and token.shape in {Shape.WORD, Shape.DIGITS}

    def _begin(self, token: Token) -> None:
        cue = self._cues.fresh or self._near()
        if cue is None or self._cues.fresh is not None or not self._may_begin(token):
            return
        self._cue, self.hold = cue, token.start
        self._append(token)

    def _append(self, token: Token) -> None:
        self._parts.append(token)
        if token.shape is Shape.DIGITS:
            self._digits += len(token.text)
        elif token.word in READINGS and token.word != "o":
            self._digits += len(READINGS[token.word])
        elif token.word not in TIMES and token.word not in _JOINT_WORDS and token.word != "ray":
            self._letters += 1 if token.word in NATO else len(token.text)

    def _fits(self, token: Token) -> bool:
        """Tell whether a word or a number may follow what was read."""
        if token.shape is Shape.SYMBOL:
            return False
        if token.word == "ray":
            return self._last().word == "x"
        if token.glued or self._parts[-1].text in _JOINTS:
            return True
        if token.shape is Shape.DIGITS:
            return not self._is_plain_word(self._last())
        if self._is_plain_word(self._last()):
            return False
        group = len(token.text) <= _LONGEST_GROUP and (len(token.text) == 1 or token.text.isupper())
        return group or token.word in _SAID or token.word in _JOINT_WORDS

    def _last(self) -> Token:
        return next(t for t in reversed(self._parts) if t.shape in {Shape.WORD, Shape.DIGITS})

    @staticmethod
    def _is_plain_word(token: Token) -> bool:
        if token.shape is not Shape.WORD or token.glued or token.word in _KNOWN_WORDS:
            return False
        return len(token.text) > _LONGEST_GROUP or (len(token.text) > 1 and token.text.islower())

    def _end(self, *, broken: bool = False) -> None:
        parts = self._parts
        while parts and (
            parts[-1].shape in {Shape.SPACE, Shape.SYMBOL}
            or parts[-1].word in _JOINT_WORDS
            or (parts[-1].word in _WORDS_ALONE and parts[-1].text in {"I", "a"} and len(parts) > 1
                and parts[-1].before == " ")
        ):  # fmt: skip
            gone = parts.pop()
            self._letters -= gone.word in _WORDS_ALONE
        if self._cue is not None and parts and not broken and self._letters:
            value = typed("".join(t.text for t in parts))
            plain = sum(c.isalnum() for c in value)
            if self._digits >= _FEWEST_DIGITS and _SHORTEST <= plain <= _LONGEST:
                found = SecretDiverted(self._cue.label, self._cue.kind, value, Via.CONTEXT)
                match = Match(parts[0].start, parts[-1].end, RANK_IDENTIFIER, found)
                self._matches.append(match)
        self.reset()
