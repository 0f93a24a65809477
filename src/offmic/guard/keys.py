"""Finds keys and tokens by what they look like; it must never need to know whose they are."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from offmic.guard.checks import finnish_id, iban, nric, spanish_id
from offmic.guard.match import NOTHING, Match
from offmic.guard.model import SecretDiverted, Via
from offmic.guard.spoken import words
from offmic.guard.tokens import Shape
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from offmic.guard.tokens import Token

RANK_KEY: Final = 3
_BREAKS: Final = frozenset("@\"`,;()<>[]{}|&=:?*'\u201c\u201d\u2018\u2019")
_LONGEST: Final = 4096
_SHORTEST_ODD: Final = 20
_SHORTEST_REST: Final = 10
_SOLID: Final = 24
_FEWEST: Final = 6

# How keys begin, after the public rules of gitleaks (MIT) and kingfisher (Apache-2.0).
PREFIXES: Final = tuple(
    words(
        """
    sk- sk_live_ sk_test_ pk_live_ rk_live_ rk_test_ ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat-
    gldt- glptt- glrt- xoxb- xoxp- xoxa- xoxr- xoxs- xoxe. xapp- AKIA ASIA ABIA AIza ya29.
    GOCSPX- npm_ pypi- hf_ dop_v1_ doo_v1_ dor_v1_ SG. shppa_ shpat_ shpca_ shpss_ sq0atp-
    sq0csp- dapi dckr_pat_ dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. hvs. hvb. hvr.
    lin_api_ NRAK- NRAA- NRIQ- NRII- NRJS- PMAK- pscale_tkn_ pscale_pw_ pscale_oauth_ pul-
    rubygems_ sntrys_ sntryu_ tfp_ tvly- gsk_ pat-na1- pat-eu1- da2- glsa_ glc_ ATBB ATATT3
    AGE-SECRET-KEY-1 xkeysib- xsmtpsib- flb_live_ px-api- px-dep- r8_ whsec_ AKCp FLWSECK EZAK
    EZTK ops_ figd_ figo_ ntn_ waka_ tskey- sbp_ phc_ phx_ nvapi- pplx- xai- lsv2_pt_ lsv2_sk_
    key- rnd_ fio-u- dnkey- duffel_live_ duffel_test_ fm1_ fo1_ live_ shippo_live_ shippo_test_
    tk-us- ptk_ cio_ mfa. oy2 secret_ fc- v1.0- patst. eyJ $1$ $2a$ $2b$ $2y$ $5$ $6$ $argon2
        """
    )
)
_LONGEST_PREFIX: Final = max(map(len, PREFIXES))
KEY_HEAD: Final = 2
# The words with which keys begin, as far as two letters, and what those words begin with.
BEGINNINGS: Final = frozenset(
    head[:n].lower()
    for head in (re.split(r"[^A-Za-z]", prefix)[0] for prefix in PREFIXES)
    for n in range(1, len(head) + 1)
)
_STARTS: Final = frozenset(p[: n + 1] for p in PREFIXES for n in range(len(p)))
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_OTP: Final = re.compile(r"[A-Z]-\d{5,8}")
# Identity numbers whose letters and check characters make them sure, and what checks them.
_IDS: Final = (
    (re.compile(r"[STFGM]\d{7}[A-Z]"), nric),
    (re.compile(r"[XYZ]?\d{7,8}[TRWAGMYFPDXBNJZSQVHLCKE]"), spanish_id),
    (re.compile(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]"), finnish_id),
    (re.compile(r"[A-Z]{5}\d{4}[A-Z]"), None),
    (re.compile(r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d"
                r"-?[AC-HJKMNP-RT-Y]{2}\d{2}"), None),
)  # fmt: skip


class Keys:
    """The recogniser of keys, tokens, hashes, IBANs and identity numbers with letters."""

    def __init__(self, matches: list[Match]) -> None:
        self._matches = matches
        self.reset()

    def reset(self) -> None:
        """Forget the turn."""
        self._clear()

    def _clear(self) -> None:
        self._text = ""
        self._start = NOTHING
        self._end = 0
        self._sure = self._mixed = False
        self._marks: list[tuple[int, int]] = []
        self.hold = NOTHING

    @property
    def busy(self) -> bool:
        """Whether it follows something."""
        return bool(self._text)

    def take(self, token: Token) -> None:
        """Read a complete token."""
        if not self._text:
            if self._may_begin(token):
                self._start = self.hold = token.start
                if token.shape is Shape.DIGITS and token.head:
                    # What it is glued to belongs to it: "sgp_210f…".
                    self._start = self.hold = token.since
                    self._text = token.head
                self._append(token)
        elif token.shape is Shape.SPACE or (
            token.text in _BREAKS and not (self._sure and token.text in "=:")
        ):
            self._end_blob()
        else:
            self._append(token)

    def peek(self, token: Token) -> int:
        """Return where the hold begins with this token still incomplete."""
        if not self._text:
            start = token.since if token.shape is Shape.DIGITS else token.start
            return start if self._may_begin(token) else NOTHING
        goes_on = token.shape is Shape.DIGITS or self._viable(self._text + token.text)
        return self._start if goes_on else NOTHING

    def finish(self) -> None:
        """Read the end of the turn."""
        self._end_blob()

    def _may_begin(self, token: Token) -> bool:
        if token.shape is Shape.DIGITS:
            return True
        before = token.before
        if before and not before.isspace() and before not in _BREAKS and before != "/":
            return False
        return token.shape is not Shape.SPACE and self._viable(token.text)

    def _append(self, token: Token) -> None:
        self._text += token.text
        self._end = token.end
        self._marks.append((len(self._text), token.end))
        self._sure = self._sure or self._text.startswith(PREFIXES)
        self._mixed = self._mixed or token.shape is Shape.DIGITS
        if not self._viable(self._text):
            self._clear()
        elif len(self._text) > _LONGEST:
            self._end_blob()

    def _viable(self, text: str) -> bool:
        """Tell whether a key may begin with this: a known beginning, or a digit in it."""
        if self._sure or self._mixed or text[0].isdigit() or text.startswith(PREFIXES):
            return True
        if text[: min(len(text), _LONGEST_PREFIX)] in _STARTS:
            return True
        return self._may_be_id(text)

    @staticmethod
    def _may_be_id(text: str) -> bool:
        head = text[:6]
        return (
            head.isupper() and head.isascii() and (len(text) < 6 or any(c.isdigit() for c in text))
        )

    def _end_blob(self) -> None:
        if self._text:
            self._judge()
        self._clear()

    def _judge(self) -> None:
        text = self._text.rstrip(".!-") if not self._sure else self._text.rstrip(".!:")
        kind = self._kind(text)
        if kind is not None:
            end = next((e for size, e in self._marks if size >= len(text)), self._end)
            found = SecretDiverted("", kind, text, Via.PATTERN)
            self._matches.append(Match(self._start, end, RANK_KEY, found))

    def _kind(self, text: str) -> Kind | None:
        plain = "".join(c for c in text if c.isalnum())
        digits = sum(c.isdigit() for c in plain)
        if _OTP.fullmatch(text):
            return Kind.OTP
        if iban(plain):
            return Kind.IBAN
        for shape, check in _IDS:
            if shape.fullmatch(text):
                return Kind.GOV_ID if check is None or check(text) else None
        prefix = next((p for p in PREFIXES if text.startswith(p)), "")
        if prefix:
            rest = plain[len([c for c in prefix if c.isalnum()]) :]
            mixed = digits > 0 or (not rest.islower() and not rest.isupper())
            return Kind.API_KEY if len(rest) >= _SHORTEST_REST and mixed else None
        if len(plain) < _SHORTEST_ODD or _UUID.fullmatch(text) or "//" in text:
            return None
        solid = max(map(len, re.findall(r"[A-Za-z0-9]+", text)))
        if solid >= _SOLID and digits >= _FEWEST and len(plain) - digits >= _FEWEST:
            return Kind.API_KEY
        turns = sum(a.isdigit() != b.isdigit() for a, b in pairwise(plain))
        return Kind.API_KEY if turns > 4 and digits > 3 else None
