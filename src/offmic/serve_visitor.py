"""Who a browser tab is: an identity that only that tab can get again, and the password before it.

Identity is the boundary of who receives a secret, so it must never be given to anyone who merely
names it. It is made of two things: a cookie that the server signs and scripts cannot read, and a
random name that the tab keeps where other origins cannot read it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

COOKIE: Final = "offmic_visitor"
COOKIE_LIFE_S: Final = 12 * 60 * 60
_VISITOR_BYTES: Final = 16
_TAB: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_NAME_BYTES: Final = 12
_FAILURES_ALLOWED: Final = 10
_FAILURES_FORGOTTEN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """One browser, or one profile of it.

    Args:
        secret: 128 random bits that the signed cookie holds.
    """

    secret: str


class Reception:
    """Signs visitors' cookies, names their tabs, and asks for the password.

    Args:
        api_secret: the SFU's: whoever has it can make any token anyway.
        password: what a new visitor has to know; empty where nothing is asked. Another password
            makes every cookie void.
        clock: seconds since the epoch; several servers and restarts share it.
    """

    def __init__(
        self, api_secret: str, password: str, clock: Callable[[], float] = time.time
    ) -> None:
        purpose = b"offmic serve\n" + _encode(password)
        self._key = hmac.digest(api_secret.encode(), purpose, "sha256")
        self._password = password
        self._clock = clock
        self._failures: list[float] = []

    @property
    def asks_for_password(self) -> bool:
        """Whether a visitor without a cookie needs the password."""
        return bool(self._password)

    @property
    def is_closed(self) -> bool:
        """Whether so many wrong passwords came that none is looked at for a while."""
        since_s = self._clock() - _FAILURES_FORGOTTEN_S
        self._failures = [at_s for at_s in self._failures if at_s > since_s]
        return len(self._failures) >= _FAILURES_ALLOWED

    def admits(self, password: str) -> bool:
        """Tell whether this is the password; wrong ones are counted."""
        digests = [hashlib.sha256(_encode(text)).digest() for text in (password, self._password)]
        right = hmac.compare_digest(*digests)
        if not right:
            self._failures.append(self._clock())
        return right

    def welcome(self) -> Visitor:
        """Make a new visitor."""
        return Visitor(secrets.token_urlsafe(_VISITOR_BYTES))

    def write_cookie(self, visitor: Visitor) -> str:
        """Return a signed cookie that holds for `COOKIE_LIFE_S` from now."""
        content = f"{int(self._clock())}.{visitor.secret}"
        return f"{content}.{self._name('cookie', content)}"

    def read_cookie(self, cookie: str) -> Visitor | None:
        """Return whose cookie this is; None where it was not signed here, or is too old."""
        content, _, signature = cookie.rpartition(".")
        if not cookie.isascii() or not hmac.compare_digest(
            signature, self._name("cookie", content)
        ):
            return None
        signed_s, _, secret = content.partition(".")
        if not 0 <= self._clock() - int(signed_s) < COOKIE_LIFE_S:
            return None
        return Visitor(secret)

    def identity(self, visitor: Visitor, tab: str) -> str:
        """Return under which identity this tab joins, today and after a reload."""
        return f"visitor-{self._name('identity', visitor.secret, tab)}"

    def room(self, visitor: Visitor, tab: str) -> str:
        """Return this tab's own room, which nobody else can name."""
        return f"room-{self._name('room', visitor.secret, tab)}"

    def _name(self, purpose: str, *parts: str) -> str:
        digest = hmac.digest(self._key, "\n".join((purpose, *parts)).encode(), "sha256")
        length = len(digest) if purpose == "cookie" else _NAME_BYTES
        return base64.urlsafe_b64encode(digest[:length]).rstrip(b"=").decode()


def is_tab(text: str) -> bool:
    """Tell whether this can be a tab's name: 128 random bits, base64url."""
    return _TAB.fullmatch(text) is not None


def _encode(text: str) -> bytes:
    # What came as JSON may hold halves of characters, which UTF-8 has no bytes for.
    return text.encode("utf-8", "surrogatepass")
