"""Finds a password that stands before its name: "7Tiger!Lily is your password", "use … to log in".

It is followed from where a word shows that it is none: a digit or a capital inside it, or behind
such words as "use". It must never follow an ordinary word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.cuewords import PASSWORD_NOUNS, Slot
from offmic.guard.leads import password_after
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.spoken import prefixes, words
from offmic.guard.stems import gone
from offmic.guard.tokens import Shape
from offmic.guard.typed import typed
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.cues import Cues
    from offmic.guard.tokens import Token

RANK_NAMED: Final = 3
_SHORTEST: Final = 6
_LONGEST: Final = 64
_MOST_WORDS: Final = 6
_INSIDE: Final = frozenset("!#$%&*+-_=^~@.?")
_QUOTES: Final = frozenset("\"'`*")
_FULL_STOPS: Final = frozenset("?.")
_BEHIND_NAME: Final = words("for now from on to at and until")
_LINKS: Final = words("is as was to")
_LINK_BEGINNINGS: Final = prefixes(_LINKS)
_OWNERS: Final = words("your the my our his her their a its this that")
ENTRIES: Final = words("use type enter try")
"""Words behind which what comes may be a password from its first letter on."""
_ENTRY: Final = (["to", "log"], ["to", "sign"], ["to", "login"])
_ENTRY_BEGINNINGS: Final = prefixes(("log", "sign", "login"))
_SECOND_BEGINNINGS: Final = prefixes(_OWNERS | PASSWORD_NOUNS) | _ENTRY_BEGINNINGS


class Naming:
    """The recogniser of passwords that stand before what names them."""

    def __init__(self, matches: list[Match], cues: Cues) -> None:
        self._matches = matches
        self._cues = cues
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._texts: list[str] = []
        self._end = 0
        self._head = ""
        self._letters = self._digits = False
        self._closed = False
        self._led = False
        self._named: tuple[str, Kind] | None = None
        self._after: list[str] = []
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return bool(self._texts)

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if self._closed:
            if self._follow(token):
                return
            self.reset()
        elif self._texts:
            if self._goes_on(token):
                self._append(token)
                return
            if self._led and self._is_mixed() and token.text != "@":
                self._report("", Kind.PASSWORD)
            elif (token.shape is Shape.SPACE and token.text != "\n" and self._is_odd()) or (
                token.text in _QUOTES and self._is_odd()
            ):
                self._closed = True
                return
            self.reset()
        before = self._cues.before
        if self._may_begin(token, before):
            self.hold = token.since
            if before not in ENTRIES or token.head:
                # What an everyday word begins with has gone on: "An" of "AnchorPickle27".
                self.hold = token.start - len(token.head) + gone(token.head + token.text)
            self._head = token.head
            self._letters = any(c.isalpha() for c in token.head)
            self._led = password_after(self._cues.words_before(token.start - len(token.head)))
            self._append(token)

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if self._closed:
            open_ = self._named is not None or self._may_follow(token.word)
            return self.hold if open_ else NOTHING
        if self._texts:
            return self.hold if self._goes_on(token) else NOTHING
        return token.since if self._may_begin(token, self._cues.previous) else NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        if self._named is not None:
            self._report(*self._named)
        elif self._texts and not self._closed and self._led and self._is_mixed():
            self._report("", Kind.PASSWORD)
        self.reset()

    @staticmethod
    def _may_begin(token: Token, before: str) -> bool:
        return token.shape is Shape.DIGITS or (
            token.shape is Shape.WORD
            and ((before in ENTRIES and not token.head) or _is_mixed_case(token.text))
        )

    def _goes_on(self, token: Token) -> bool:
        if len(self._texts) > _LONGEST or token.shape is Shape.SPACE:
            return False
        return token.shape in {Shape.WORD, Shape.DIGITS} or token.text in _INSIDE

    def _append(self, token: Token) -> None:
        self._texts.append(token.text)
        self._end = token.end
        self._digits = self._digits or token.shape is Shape.DIGITS
        self._letters = self._letters or token.shape is Shape.WORD

    def _is_mixed(self) -> bool:
        """Tell whether this is long enough, and of letters and digits."""
        text = self._head + "".join(self._texts)
        return self._letters and self._digits and len(text) >= _SHORTEST

    def _is_odd(self) -> bool:
        """Tell whether this looks like a password."""
        text = self._head + "".join(self._texts)
        mixed = self._is_mixed() or (len(text) >= _SHORTEST and _is_mixed_case(text))
        return mixed and text[-1] not in _FULL_STOPS

    def _may_follow(self, word: str) -> bool:
        if not self._after:
            return word in _LINK_BEGINNINGS
        if len(self._after) == 1:
            return word in _SECOND_BEGINNINGS
        return True

    def _follow(self, token: Token) -> bool:
        """Read a token behind it; return whether what it is remains open."""
        if self._named is not None:
            # "iCloud is your password manager": the name must be the last of the noun.
            if token.shape is Shape.SPACE:
                return True
            if token.shape is Shape.SYMBOL or token.word in _BEHIND_NAME:
                self._report(*self._named)
            return False
        if token.shape is Shape.SPACE:
            return token.text != "\n"
        if token.shape is not Shape.WORD or len(self._after) >= _MOST_WORDS:
            return token.text == "-" and bool(self._after)
        word, cue = token.word, self._cues.fresh
        if not self._after:
            self._after.append(word)
            return word in _LINKS
        named = cue is not None and cue.slot is Slot.WORDS
        named = named and (len(self._after) > 1 or word in PASSWORD_NOUNS)
        self._after.append(word)
        if named or (self._after in _ENTRY and self._digits):
            label = cue.label if named and cue is not None else ""
            kind = cue.kind if named and cue is not None else Kind.PASSWORD
            if named and not self._digits:
                self._named = (label, kind)
                return True
            self._report(label, kind)
            return False
        return len(self._after) > 2 or word in _OWNERS

    def _report(self, label: str, kind: Kind) -> None:
        text = self._head + "".join(self._texts)
        # The sentence's end is not the value's, and what counts here is one character each.
        ending = len(text) - len(text.rstrip("?.!")) if text[-1] in _FULL_STOPS else 0
        found = SecretDiverted(label, kind, typed(text), Via.CONTEXT)
        self._matches.append(Match(self.hold, self._end - ending, RANK_NAMED, found))


def _is_mixed_case(text: str) -> bool:
    """Tell whether a word has a capital inside, as no ordinary word has."""
    return text[1:] != text[1:].lower() and text != text.upper()
