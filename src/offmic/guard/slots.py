"""Finds a secret by the words before it; a sentence that only speaks about one must pass.

"The password is …", "PIN: …" and "API key …" are followed by one, "your password is required" not.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from offmic.guard.cuewords import ANAPHORS, CHANGES, COPULAS, NOUNS, POINTS, YES, Slot
from offmic.guard.fold import fold_text
from offmic.guard.likeness import ends_sentence, is_code, is_key, is_odd, is_spelled
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.plainwords import COMMON, PREDICATES, is_inflected
from offmic.guard.spoken import words
from offmic.guard.tokens import Shape
from offmic.guard.typed import typed
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.cues import Cue, Cues
    from offmic.guard.tokens import Token

RANK_SLOT: Final = 4
_SOFT_COPULAS: Final = words("will would now still today again currently then just my i'd here")
_AFTER_IS: Final = words("to")
_RELATIONS: Final = words("for of to on at in with from")
_OF_KEYS: Final = words("for to")
_WHO: Final = words("we i you they")
_MORE_NAME: Final = words(
    "number numbers no num nr phrase value key token string secret user name id"
)
_CONNECTS: Final = frozenset(":=→")
_QUOTES: Final = {'"': '"', "'": "'", "“": "”", "`": "`"}
_CLOSES: Final = frozenset("\"'`)]}>|*")
_SENTENCE: Final = frozenset(".,;!?")
_ENDS_BLOB: Final = frozenset('<>"`(){}[]|&;')
_CASES: Final = words("capital uppercase upper lowercase lower cap small")
_SPELLING: Final = words("as in for like letter number sign mark")
_MANNERS: Final = words("all lowercase")
_MORE_MANNERS: Final = words("one word lowercase lower case small letters together in")
_MOST_COMMAS: Final = 2
_KINDS_OF_CODES: Final = frozenset({Kind.CODE, Kind.OTP, Kind.GOV_ID})
_MOST_WORDS: Final = 6
_MOST_SEED_WORDS: Final = 24
_MOST_SPELLED: Final = 800
_MOST_OF_NAME: Final = 5
_LONGEST_SPELT: Final = 6
_SPELT_SIGNS: Final = frozenset("-.,_/@#!*+")


class At(IntEnum):
    """Where in "password for the Wi-Fi is hunter2" the reader is."""

    NOWHERE = 0
    AFTER_CUE = 1
    IN_NAME = 2
    IN_VALUE = 3
    AFTER_STOP = 4


class Slots:
    """The recogniser of secrets by context."""

    def __init__(self, matches: list[Match], cues: Cues) -> None:
        self._matches = matches
        self._cues = cues
        self._waiting: Cue | None = None
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._cue: Cue | None = None
        self._leave()

    def _leave(self) -> None:
        self._at = At.NOWHERE
        self._strong = False
        self._resumed = False
        self._has = False
        self._closed = False
        self._manner = self._tag = False
        self._quote = ""
        self._name = self._commas = 0
        self._glue = -1
        self._clear_value()

    def _clear_value(self) -> None:
        self._texts: list[str] = []
        self._start = NOTHING
        self._ends: list[tuple[int, int]] = []
        self._words = 0
        self._first = ""
        self._loose = False
        self._doubt = False
        self._spelled = 0
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return self._at is not At.NOWHERE

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if self._at is At.IN_VALUE:
            self._take_value(token)
        cue = self._cues.fresh
        if cue is not None and self._strong and self._slot is Slot.WORDS:
            # "The password is secret123" may not speak of another secret.
            cue = None
        if cue is not None and self._at is not At.IN_VALUE and token.start != self._glue:
            self._leave()
            self._cue, self._at = cue, At.AFTER_CUE
            return
        if self._at in {At.AFTER_CUE, At.IN_NAME}:
            self._take_between(token)
        elif self._at is At.AFTER_STOP and token.shape is not Shape.SPACE:
            self._take_anaphor(token)

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if self._at is At.IN_VALUE:
            return self._start
        return token.start if self._at is At.AFTER_CUE and self._may_begin(token) else NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        if self._at is At.IN_VALUE:
            self._end_value()
        waiting = self._at is At.AFTER_CUE and self._strong
        self._waiting = self._cue if waiting else None
        self.reset()

    def resume(self) -> None:
        """Go on waiting for what the last transcript announced."""
        if self._waiting is not None:
            self._cue, self._at, self._strong = self._waiting, At.AFTER_CUE, True

    def _may_begin(self, token: Token) -> bool:
        # A word that is incomplete may become any other; digits may become anything.
        return token.shape is Shape.DIGITS or self._strong or self._slot is not Slot.NUMBER

    @property
    def _slot(self) -> Slot:
        return self._cue.slot if self._cue is not None else Slot.NUMBER

    @property
    def _needs_link(self) -> bool:
        # "The magic word everybody knows": such names are followed by anything.
        return (
            self._cue is not None
            and self._cue.label.lower().endswith(("word", "phrase", "answer", "question"))
            and ("password" not in self._cue.label.lower())
        )

    # Between the cue and the value.

    def _take_between(self, token: Token) -> None:
        text, word = token.text, token.word
        if self._tag or text == "<":
            # "password is <b>…": a tag says nothing.
            self._tag = text != ">"
        elif token.shape is Shape.SPACE:
            if text == "\n" and not self._strong:
                self._leave()
        elif token.shape is Shape.SYMBOL:
            self._take_sign(token)
        elif self._glue and token.start == self._glue:
            self._begin(token)
        elif word in COPULAS or (word == "s" and token.glued is False and self._after_quote):
            if self._commas != 1:
                self._strong, self._at = True, At.AFTER_CUE
        elif (
            word in POINTS
            and self._cue is not None
            and self._cue.linked
            and not (self._strong and word == "as")
        ):
            # "Reset to", "comes up as": what follows may be a verb or a description as well.
            self._strong, self._resumed, self._at = True, True, At.AFTER_CUE
        elif self._strong and word in CHANGES:
            self._resumed = True
        elif self._strong and self._slot is Slot.WORDS and self._tells_how(word):
            self._manner = True
        elif self._at is At.IN_NAME:
            self._name += 1
            if self._name > _MOST_OF_NAME:
                self._leave()
        elif word == "has" and not self._has:
            self._has = True
            return
        elif self._has and self._slot is Slot.WORDS:
            self._leave()
        elif word in _SOFT_COPULAS or word in (_AFTER_IS if self._strong else _MORE_NAME):
            pass
        elif (
            word in _RELATIONS
            and not self._strong
            and (self._slot is not Slot.KEY or word in _OF_KEYS)
        ):
            self._at, self._name = At.IN_NAME, 0
        elif word in _WHO and not self._strong and self._slot is Slot.WORDS:
            # "The passcode we texted you is …"
            self._at, self._name, self._resumed = At.IN_NAME, 0, True
        elif self._begins(token):
            self._begin(token)
        else:
            self._leave()
        self._after_quote = text == "'"
        self._has = self._has and token.shape is not Shape.WORD

    _after_quote = False

    def _take_anaphor(self, token: Token) -> None:
        """Read "It's" in "I have reset your password. It's …"."""
        if self._cues.resumed:
            self._at, self._strong, self._resumed = At.AFTER_CUE, True, True
        elif token.word not in ANAPHORS and token.word not in YES and token.text not in "',":
            self._leave()

    def _take_sign(self, token: Token) -> None:
        text = token.text
        if text == "@":
            self._leave()
        elif self._cue is not None and token.start == self._cue.end and text in _CLOSES:
            # The cue itself stands in quotes or brackets: only "is" or a colon lead on from here.
            self._closed = True
        elif text in _CONNECTS:
            self._strong, self._at = True, At.AFTER_CUE
            # What is glued to it is the value, whatever it reads: "Password=secret;".
            self._glue = token.end if text == "=" else -1
        elif text in _QUOTES and self._at is At.AFTER_CUE:
            if text != "'" or self._strong:
                self._quote = _QUOTES[text]
        elif text in ".?!" and not self._strong:
            self._at = At.AFTER_STOP
        elif text == "," and self._slot is Slot.WORDS and (self._manner or self._sets_aside()):
            self._manner = False
        elif text in _SENTENCE and not (text == "," and self._slot is Slot.KEY):
            self._leave()
        elif self._strong and self._at is At.AFTER_CUE and text not in "-()[]{}<>*_~":
            self._begin(token)

    def _sets_aside(self) -> bool:
        """Read a comma of "the password, as I said, is …"; return whether it may be one."""
        self._commas += 1
        if self._strong or self._commas > _MOST_COMMAS:
            return False
        self._at, self._name = At.IN_NAME, 0
        return True

    def _tells_how(self, word: str) -> bool:
        """Tell whether a word says how the value is written: "all lowercase", "all one word"."""
        return word in _MANNERS or (self._manner and word in _MORE_MANNERS)

    def _begins(self, token: Token) -> bool:
        if self._slot is Slot.KEY or token.shape is Shape.DIGITS:
            return True
        word = token.word
        if not self._strong and (self._closed or self._needs_link):
            return False
        if self._slot is Slot.NUMBER:
            sure = self._strong or token.text.isupper()
            return sure and (is_spelled(word) or len(word) <= 4)
        if self._strong or self._quote:
            return True
        return word not in COMMON and not is_inflected(word)

    def _begin(self, token: Token) -> None:
        quote = self._quote
        self._clear_value()
        self._quote = quote
        self._at = At.IN_VALUE
        self._start = self.hold = token.start
        words_follow = self._slot is Slot.WORDS and not quote
        words_follow = words_follow and self._kind() is not Kind.PRIVATE_KEY
        self._doubt = words_follow and (
            token.word in PREDICATES or token.word in NOUNS or is_inflected(token.word)
        )
        self._loose = self._kind() is Kind.PRIVATE_KEY or (
            words_follow and token.word in COMMON and not self._doubt
        )
        self._append(token)

    # The value itself.

    def _append(self, token: Token) -> None:
        silent = token.word in _CASES or self._explains(token.word)
        self._texts.append(token.text)
        if token.shape is Shape.SPACE:
            return
        self._ends.append((len(self._texts), token.end))
        if token.shape is not Shape.SYMBOL and not silent:
            self._first = self._first or token.text
            # Inside a long blob of letters and digits nothing is being spelled.
            self._spelled += is_spelled(token.word) and not (token.glued and self._in_blob())
            self._words += 1

    def _in_blob(self) -> bool:
        said = "".join(self._texts).rsplit(" ", 1)[-1]
        return len(said) > _LONGEST_SPELT

    def _take_value(self, token: Token) -> None:
        if self._quote:
            over = token.text in {self._quote, "\n"}
        elif token.shape is Shape.SPACE:
            over = token.text == "\n" or not self._may_go_on()
        elif not self._texts[-1].isspace():
            over = token.shape is Shape.SYMBOL and token.text in _ENDS_BLOB
        elif token.shape is Shape.SYMBOL:
            over = not (self._is_spelling() and token.text in _SPELT_SIGNS)
        else:
            over = not self._goes_on(token)
        if over or len(self._texts) > _MOST_SPELLED:
            self._end_value()
        else:
            self._append(token)

    def _is_spelling(self) -> bool:
        return self._spelled * 3 >= self._words * 2

    def _may_go_on(self) -> bool:
        """Tell whether the value may go on behind the space that comes now."""
        return self._texts[-1] not in _SENTENCE or self._is_spelling()

    def _goes_on(self, token: Token) -> bool:
        """Tell whether the value goes on with this word, behind a space."""
        word = token.word
        if self._doubt and (len(word) == 1 or token.shape is Shape.DIGITS):
            self._doubt = False
            return True
        if self._doubt and (word in COMMON or is_inflected(word)):
            return False
        if self._is_spelling() and (is_spelled(word) or word in _CASES or self._explains(word)):
            lone = self._words == 1 and len(self._first) > 1
            return not lone or word not in COMMON or len(word) == 1
        if self._slot is not Slot.WORDS or self._texts[-2] in _SENTENCE:
            return False
        most = _MOST_SEED_WORDS if self._kind() is Kind.PRIVATE_KEY else _MOST_WORDS
        if self._words >= most:
            return False
        return self._loose or (word not in COMMON and word not in PREDICATES)

    def _explains(self, word: str) -> bool:
        """Tell whether a word belongs to "M as in Mike"."""
        said = [t.lower() for t in self._texts if not t.isspace()]
        if word in _SPELLING:
            return True
        return (
            bool(said)
            and said[-1] in {"in", "for", "like"}
            and any(len(t) == 1 and t == word[0] for t in said[-3:])
        )

    def _kind(self) -> Kind:
        return self._cue.kind if self._cue is not None else Kind.OTHER

    def _end_value(self) -> None:
        cue = self._cue
        while self._ends and ends_sentence(self._texts, self._ends[-1][0]):
            self._ends.pop()
        if cue is not None and self._ends:
            size, end = self._ends[-1]
            text = "".join(self._texts[:size])
            value = self._as_typed(text)
            if self._counts(value, text):
                kind = cue.kind
                if value.isdigit() and cue.label.lower().endswith(("passcode", "pass code")):
                    kind = Kind.CODE
                found = SecretDiverted(cue.label, kind, value, Via.CONTEXT)
                self._matches.append(Match(self._start, end, RANK_SLOT, found))
        self._leave()

    def _as_typed(self, text: str) -> str:
        """Return the value; a key or a code that is not spelled out is what was written."""
        if self._slot is not Slot.WORDS and " " not in text and self._kind() is not Kind.IBAN:
            return fold_text(text)
        return typed(text)

    def _counts(self, value: str, text: str) -> bool:
        if self._slot is Slot.NUMBER:
            return self._kind() in _KINDS_OF_CODES and is_code(value)
        if self._slot is Slot.KEY:
            return is_key(value, text)
        size = sum(map(str.isalnum, value))
        if self._doubt and not any(map(str.isdigit, value)):
            parts = [t.lower() for t in self._texts if t[0].isalpha()]
            if sum(p not in COMMON for p in parts) < 2:
                return False
        # "Updated yesterday at 10": one word, unless it was spelled.
        if self._resumed and not is_odd(value, text):
            return False
        return size > 2 if self._strong else size > 3
