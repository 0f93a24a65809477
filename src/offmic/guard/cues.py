"""Words that say a secret follows or went before; it must never decide alone that something is one.

A cue is a noun such as "password" or "account number". `Cues` reads every token and remembers the
last one, how far away it is, and the words before it that name it ("the front door code").
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from offmic.guard.kinds import kind_of
from offmic.guard.spoken import READINGS, TIMES, words
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from offmic.guard.tokens import Token


class Slot(StrEnum):
    """What sort of value follows a cue."""

    NUMBER = "number"
    WORDS = "words"
    KEY = "key"


# What each cue noun stands for. One that needs a qualifier ("verification code") has it in _NEEDS.
_NOUNS: Final[dict[str, tuple[Slot, Kind]]] = {
    **dict.fromkeys(
        ("password", "passwort", "passwrd", "pswd", "pwd", "passwd", "passphrase", "passcode",
         "psswd", "passwords", "passkey"),
        (Slot.WORDS, Kind.PASSWORD)),
    **dict.fromkeys(("code", "codes", "coce", "pincode", "verifycode", "verificationcode",
                     "authcode", "keycode", "verifizierungscode"), (Slot.NUMBER, Kind.OTP)),
    **dict.fromkeys(("pin", "pins"), (Slot.NUMBER, Kind.CODE)),
    **dict.fromkeys(("otp", "otps", "totp", "mfa", "2fa"), (Slot.NUMBER, Kind.OTP)),
    **dict.fromkeys(("combination", "cvv", "cvc", "cvv2"), (Slot.NUMBER, Kind.CODE)),
    **dict.fromkeys(("card", "cards", "visa", "mastercard", "amex", "cc"),
                    (Slot.NUMBER, Kind.CARD)),
    **dict.fromkeys(("account", "accounts", "acct", "acc", "routing", "ac"),
                    (Slot.NUMBER, Kind.ACCOUNT)),
    **dict.fromkeys(("ssn", "ssns", "social"), (Slot.NUMBER, Kind.SSN)),
    **dict.fromkeys(("passport", "licence", "license", "nino", "pesel", "tckn", "nric", "nif",
                     "nie", "aadhaar", "aadhar", "kimlik", "tfn", "nhs", "cpf", "pnr",
                     "personnummer", "medicare", "curp", "rsa", "nin", "dni", "itin", "ein",
                     "sin"),
                    (Slot.NUMBER, Kind.GOV_ID)),
    **dict.fromkeys(("token", "tokens", "secret", "secrets", "apikey", "bearer", "credential",
                     "credentials", "privatekey", "querykey"), (Slot.KEY, Kind.API_KEY)),
    "iban": (Slot.KEY, Kind.IBAN),
    "key": (Slot.KEY, Kind.API_KEY),
    "access": (Slot.KEY, Kind.API_KEY),
}  # fmt: skip
# A code, key or word of this sort is no secret.
_HARMLESS: Final = words(
    "zip postal post area country dress promo promotional discount coupon error status source"
    " product bar qr booking reference color colour currency airport dial dialing tracking order"
    " item voucher morse binary genetic tax exit response hs html python java building fire"
    " sort gift business sim loyalty membership report score credit-score graphics video"
)
_PHRASES: Final = {("magic", "word"), ("pass", "word"), ("pass", "phrase"), ("code", "word"),
                   ("safe", "word"), ("secret", "word"), ("pass", "code")}  # fmt: skip
_SEEDS: Final = {("seed", "phrase"), ("recovery", "phrase"), ("mnemonic", "phrase"),
                 ("seed", "words"), ("recovery", "words")}  # fmt: skip
_NO_LABEL: Final = words(
    "the a an my your our his her their its this that is are was and or of for to with on in at by"
    " it be new i you we he she they me us please here sure yes ok so as which what when use enter"
    " name not no if can will as one's am need change forgot last from via then but because does"
)
# Codes that open something and stay the same; other codes are sent once.
_FIXED: Final = words("door gate alarm lock safe entry garage building house lobby elevator pin")
# "National identity number", "tax ID": a person's number by what stands in the three words before.
_NUMBERED: Final = words("number no id code identifier")
_PERSONAL: Final = words(
    "national personal resident citizen identity identification insurance tax taxpayer fiscal birth"
    " voter pension health"
)
_BUSINESS: Final = words("sales business company policy claim phone rate")
_CHANGES: Final = words("changed updated reset")
_PLACES: Final = words("on in for of to from")
_NETWORKS: Final = words("wifi fi network router wlan wpa hotspot")
_OTHER_CARDS: Final = words("sim gift business id menu score library loyalty boarding graphics")
_ENDS: Final = ("SECRET", "TOKEN", "KEY", "Token", "Secret", "Key", "Password", "PASSWORD", "PWD")
_LONG_ENDS: Final = ("secretkey", "accesskey", "apikey", "authtoken", "accesstoken", "secrettoken")
ANAPHORS: Final = words("it that this")
COPULAS: Final = words("is was be are equals becomes remains reads says been set called ist es")
_LABEL: Final = 3
_INTERESTING: Final = (
    frozenset(_NOUNS) | frozenset(w for p in (*_PHRASES, *_SEEDS) for w in p) | COPULAS
    | frozenset(READINGS) | frozenset(TIMES) | {"key", "pan"} | _NUMBERED | _CHANGES
)  # fmt: skip
PASSWORD_NOUNS: Final = frozenset(w for w, (slot, _) in _NOUNS.items() if slot is Slot.WORDS)
"""Words that alone name what may be of several words."""
LINKS: Final = (
    COPULAS | _CHANGES | ANAPHORS | {"s"} | frozenset(READINGS) | frozenset(TIMES)
) - frozenset(_NOUNS)
"""Words that only say something about a cue that came before them."""
TELLING: Final = _INTERESTING - LINKS
"""Words that may be cues, alone or with the words before them; no other word in lower case is."""
_LOWER_ENDS: Final = ("key", "token")


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
            compound = not token.text[1:].islower() or word.endswith(_LOWER_ENDS)
            if compound or word in _INTERESTING:
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
            self._opening = token.text == "."
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
            if (word in COPULAS or word in _CHANGES) and self.cue is not None:
                self.cue.linked = True

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
        if word in _NUMBERED and self._is_personal():
            return self._cue(Slot.NUMBER, Kind.GOV_ID, token)
        if token.text == "PAN":
            return self._cue(Slot.NUMBER, Kind.GOV_ID, token)
        if (before, word) in _SEEDS:
            return self._cue(Slot.WORDS, Kind.PRIVATE_KEY, token)
        if (before, word) in _PHRASES or (word == "key" and before in _NETWORKS):
            return self._cue(Slot.WORDS, Kind.PASSWORD, token)
        noun = _NOUNS.get(word) or _compound(token.text)
        if (
            noun is None
            or self._brace == token.start
            or (before in _HARMLESS and noun[0] is not Slot.WORDS)
        ):
            return None
        if word in {"card", "cards"} and before in _OTHER_CARDS:
            return None
        if word == "account" and self._is_where():
            return None
        return self._cue(*noun, token)

    def _is_personal(self) -> bool:
        """Tell whether the words directly before speak of a person's number."""
        lately = {t.word for t in list(self._last)[-3:]}
        return bool(lately & _PERSONAL) and not lately & _BUSINESS

    def _is_where(self) -> bool:
        """Tell whether "on the account" only says where another number stands."""
        cue, last = self.cue, list(self._last)
        placed = len(last) > 1 and last[-2].word in _PLACES
        return placed and cue is not None and self.words - cue.at_word <= 2 and not cue.linked

    def _cue(self, slot: Slot, kind: Kind, token: Token) -> Cue:
        start, text, size, later = token.start, token.text, 1, token
        for earlier in reversed(self._last):
            joint = later.before
            if earlier.shape is not Shape.WORD or start - earlier.end != 1 or size > _LABEL:
                break
            one_time = earlier.word == "one" and later.word == "time"
            if not one_time and (earlier.word in _NO_LABEL or earlier.word in READINGS):
                break
            text = earlier.text + (joint if joint == "-" else " ") + text
            start, size, later = earlier.start, size + 1, earlier
        if kind is Kind.CODE and kind_of(text) is Kind.OTP:
            kind = Kind.OTP
        elif kind is Kind.OTP and _FIXED & set(text.lower().split()):
            kind = Kind.CODE
        elif kind is Kind.PASSWORD and kind_of(text) is Kind.OTP:
            kind = Kind.OTP
        return Cue(slot, kind, text, start, token.end, self.words, self.stops)


def _compound(text: str) -> tuple[Slot, Kind] | None:
    """Read a name such as `accessKEY`, `survicateToken` or `CLIENTSECRET` by its end."""
    if text.lower().endswith(_LONG_ENDS) and len(text) > 8:
        return _NOUNS["key"]
    for end in _ENDS:
        if text.endswith(end) and len(text) > len(end):
            return _NOUNS[end.lower()]
    return None
