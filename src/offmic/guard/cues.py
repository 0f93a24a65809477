"""Words that say a secret follows or went before; it must never decide alone that something is one.

A cue is a noun such as "password" or "account number". `Cues` reads every token and remembers the
last one, how far away it is, and the words before it that name it ("the front door code").
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.guard.cuewords import (
    ANAPHORS,
    BUSINESS,
    CAPITALS,
    CHANGES,
    CHANGING,
    COPULAS,
    ENDS,
    FIXED,
    HARMLESS,
    INTERESTING,
    LOWER_ENDS,
    NAMES,
    NETWORKS,
    NO_KEYS,
    NO_LABEL,
    NOUNS,
    NUMBERED,
    OTHER_CARDS,
    PARTS,
    PASSES,
    PERSONAL,
    PHRASES,
    PLACES,
    POINTS,
    SEEDS,
    SHOWS,
    USERS,
    YES,
    Slot,
)
from offmic.guard.kinds import kind_of
from offmic.guard.spoken import READINGS, TIMES
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offmic.guard.tokens import Token

_LABEL: Final = 3
_LONGEST_END: Final = 6


@dataclass(slots=True, eq=False)
class Cue:
    """A cue that was read.

    Args:
        slot: what sort of value goes with it.
        kind: what kind of secret that would be.
        label: what it is called, from its own words.
        start: position of the noun.
        end: position behind it.
        linked: whether "is" or a colon came since.
        at_word: words that came before it.
        at_stop: sentences that ended before it.
    """

    slot: Slot
    kind: Kind
    label: str
    start: int
    end: int
    at_word: int = 0
    at_stop: int = 0
    linked: bool = False


class Cues:
    """Remembers the cue that counts for what comes next."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._last: deque[Token] = deque(maxlen=5)
        self._brace = -1
        self._opening = False
        self._anaphor = False
        self.resumed = False
        self.words = 0
        self.stops = 0
        self.before = ""
        self._now = ""
        self.fresh: Cue | None = None
        self.cue: Cue | None = None
        self.card: Cue | None = None
        self.previous = ""

    def take(self, token: Token) -> None:
        """Read a complete token; `fresh` is the cue that it is, if it is one."""
        self.fresh = None
        self.resumed = False
        shape = token.shape
        if shape is Shape.SPACE:
            if token.text == "\n":
                self.stops += 1
            return
        self.before, self._now = self._now, token.word
        if shape is Shape.SYMBOL:
            self._take_symbol(token)
            return
        word = token.word
        if shape is Shape.WORD:
            compound = not token.text[1:].islower() or word.endswith(LOWER_ENDS)
            if compound or word in INTERESTING:
                self._take_noun(token)
            else:
                self.words += 1
        if self._opening or self._anaphor:
            self._follow_anaphor(word)
        self.previous = word
        self._last.append(token)

    def pass_over(self, last: Iterable[Token], words: int, stops: int) -> None:
        """Take text that holds no cue.

        Args:
            last: its last tokens, as many as a cue may look back to.
            words: how many of its words count.
            stops: how many sentences end in it.
        """
        words, stops = self.words + words, self.stops + stops
        for token in last:
            self.take(token)
        self.words, self.stops = words, stops

    def _follow_anaphor(self, word: str) -> None:
        """Take up the cue again where a sentence behind it begins with "It is" or "That's"."""
        cue = self.cue
        if self._opening:
            if word in YES:
                # "The PIN? Sure, it's …"
                return
            self._anaphor = word in ANAPHORS
        elif self._anaphor and word in {"s", "is"} and cue is not None:
            if self.stops - cue.at_stop == 1:
                self.resumed = cue.linked = True
                cue.at_word, cue.at_stop = self.words, self.stops
            self._anaphor = False
        else:
            self._anaphor = False
        self._opening = False

    def end_sentence(self) -> None:
        """A transcript ends here, perhaps in the middle of a sentence: positions begin anew."""
        self._last.clear()
        self._brace = -1
        self.fresh, self.resumed = None, False
        self.before = self._now = ""

    def _take_symbol(self, token: Token) -> None:
        self._brace = token.end if token.text in "{<" else -1
        if token.text in ".!?;":
            self.stops += 1
            self._opening = token.text != ";"
        elif token.text in ":=" and self.cue is not None:
            self.cue.linked = True

    def _take_noun(self, token: Token) -> None:
        found = self._recognise(token)
        word = token.word
        if found is not None:
            self.cue = self.fresh = found
            if found.kind is Kind.CARD:
                self.card = found
        elif word not in READINGS and word not in TIMES:
            # Numbers that are being said do not make the cue any farther away.
            self.words += 1
            if self.cue is not None and (
                word in COPULAS or word in CHANGES or (word in POINTS and self._leads_on(word))
            ):
                self.cue.linked = True

    def _leads_on(self, word: str) -> bool:
        """Tell whether "to" or "as" leads to the value: "changed your PIN to", "comes up as"."""
        lately = [t.word for t in list(self._last)[-4:]]
        if word == "to":
            return not CHANGING.isdisjoint(lately)
        return bool(lately) and lately[-1] in SHOWS

    def words_before(self, at: int) -> list[str]:
        """Return the last few words, in lower case, of those that end before a position."""
        return [t.word for t in self._last if t.end <= at]

    def lately(self, reach: int) -> bool:
        """Tell whether any cue came in the last so many words."""
        return self.cue is not None and self.words_since(self.cue) <= reach

    def words_since(self, cue: Cue) -> int:
        """Return how many words came since a cue, without those of numbers."""
        return self.words - cue.at_word

    def stops_since(self, cue: Cue) -> int:
        """Return how many sentences ended since a cue."""
        return self.stops - cue.at_stop

    def _recognise(self, token: Token) -> Cue | None:
        word, before = token.word, self.previous
        if word in NUMBERED and self._is_personal():
            return self._cue(Slot.NUMBER, Kind.GOV_ID, token)
        if token.text == "PRIVATE":
            return self._cue(*NOUNS["key"], token)
        if token.text == "PASS" and token.before == "_":
            return self._cue(*NOUNS["password"], token)
        if token.text in CAPITALS or (token.text == "Number" and self._last_text() == "My"):
            return self._cue(Slot.NUMBER, Kind.GOV_ID, token)
        if (before, word) in SEEDS:
            return self._cue(Slot.WORDS, Kind.PRIVATE_KEY, token)
        if (before, word) in PHRASES or (word == "key" and before in NETWORKS):
            return self._cue(Slot.WORDS, Kind.PASSWORD, token)
        if (named := NAMES.get((before, word))) is not None:
            return self._cue(*named, token)
        noun = NOUNS.get(word) or _compound(token.text)
        if word in PASSES and not USERS.isdisjoint(t.word for t in list(self._last)[-4:]):
            noun = NOUNS["password"]
        if (
            noun is None
            or self._brace == token.start
            or (before in HARMLESS and noun[0] is not Slot.WORDS)
        ):
            return None
        if word in {"card", "cards"} and before in OTHER_CARDS:
            return None
        if word in {"account", "card"} and self._is_where():
            return None
        return self._cue(*noun, token)

    def _last_text(self) -> str:
        return self._last[-1].text if self._last else ""

    def _is_personal(self) -> bool:
        """Tell whether the words directly before speak of a person's number."""
        lately = {t.word for t in list(self._last)[-3:]}
        return bool(lately & PERSONAL) and not lately & BUSINESS

    def _is_where(self) -> bool:
        """Tell whether "on the account" only says where another number stands."""
        cue, last = self.cue, list(self._last)
        placed = len(last) > 1 and last[-2].word in PLACES
        return placed and cue is not None and self.words - cue.at_word <= 2 and not cue.linked

    def _cue(self, slot: Slot, kind: Kind, token: Token) -> Cue:
        start, text, size, later = token.start, token.text, 1, token
        for earlier in reversed(self._last):
            joint = later.before
            if earlier.shape is not Shape.WORD or start - earlier.end != 1 or size > _LABEL:
                break
            one_time = earlier.word == "one" and later.word == "time"
            if not one_time and (earlier.word in NO_LABEL or earlier.word in READINGS):
                break
            text = earlier.text + (joint if joint == "-" else " ") + text
            start, size, later = earlier.start, size + 1, earlier
        if kind is Kind.CODE and kind_of(text) is Kind.OTP:
            kind = Kind.OTP
        elif kind is Kind.OTP and FIXED & set(text.lower().split()):
            kind = Kind.CODE
        elif kind is Kind.PASSWORD and kind_of(text) is Kind.OTP:
            kind = Kind.OTP
        return Cue(slot, kind, text, start, token.end, self.words, self.stops)


def _compound(text: str) -> tuple[Slot, Kind] | None:
    """Read a name such as `accessKEY`, `survicateToken` or `CLIENTSECRET` by its end."""
    if not text.isascii():
        return next((noun for part, noun in PARTS.items() if part in text.lower()), None)
    low = text.lower()
    if low.endswith(LOWER_ENDS) and low not in NO_KEYS and len(low) > _LONGEST_END:
        return NOUNS["key"]
    for end in ENDS:
        if text.endswith(end) and len(text) > len(end):
            return NOUNS.get(end.lower(), NOUNS["key"])
    return None
