"""What leads up to a value where no noun names it; it must never look at the value itself.

"Punch in 4821", "the gate opens with 4821", "log in with Tiger7Lily".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.guard.spoken import words
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

_ENTER: Final = words("enter type input punch")
_ENTER_IN: Final = words("key punch type tap put enter")
_IN: Final = words("in")
_OPENS: Final = words(
    "door doors gate keypad lock alarm safe garage elevator lift locker lockbox entrance entry"
    " barrier panel deadbolt padlock shed unlock unlocks disarm disarms disable lobby opens open"
)
_HOLDS: Final = words(
    "door gate alarm lock elevator locker lockbox padlock keypad combo combination"
)
_BY: Final = words("with use uses using press pressing dial try")
_CONFIRM: Final = words("confirm verify authorize authorise authenticate login signin")
_LOG: Final = words("log sign logon login signin connect connects network wifi wlan")
_SET: Final = words("set reset change changed changing update updated")


def number_after(before: Sequence[str]) -> Kind | None:
    """Return what a number is behind these words, none where they do not tell.

    Args:
        before: the last few words, in lower case.
    """
    if not before:
        return None
    last, earlier = before[-1], before[:-1]
    opens = any(word in _OPENS for word in before[-6:])
    entered = last in _ENTER or (last in _IN and earlier and earlier[-1] in _ENTER_IN)
    if entered:
        return Kind.CODE if opens else Kind.OTP
    if last in {"is", "s"} and earlier and earlier[-1] in _HOLDS:
        return Kind.CODE
    if last == "at" and earlier and earlier[-1] == "set" and opens:
        return Kind.CODE
    if last == "is" and earlier and earlier[-1] == "pass":
        return Kind.PASSWORD
    if last in _BY and any(word in _OPENS for word in earlier[-5:]):
        return Kind.CODE
    if last == "with" and earlier and (earlier[-1] in _CONFIRM or _logs_in(earlier)):
        return Kind.OTP
    if last in {"back", "me"} and "read" in earlier[-2:]:
        return Kind.OTP
    return None


def password_after(before: Sequence[str]) -> bool:
    """Tell whether a mixture of letters and digits is a password behind these words.

    Args:
        before: the last few words, in lower case.
    """
    if len(before) < 2:
        return False
    last, earlier = before[-1], before[:-1]
    if last in {"with", "using"}:
        return any(word in _LOG for word in earlier[-5:])
    return last == "to" and earlier[-1] == "it" and not _SET.isdisjoint(earlier[-2:-1])


def _logs_in(earlier: Sequence[str]) -> bool:
    return list(earlier[-2:]) in (["log", "in"], ["sign", "in"], ["log", "on"])
