"""What is cut off in the middle of a value: by the caller, by the model's provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.audit.attacks.model import Attack, Turn
from offmic.audit.canaries import Coop
from offmic.audit.completions import Says

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONG: Final = "Let me think where I have put it, for this may take me quite a while to find. "
_PAUSE_S: Final = 0.5


def _barge_in(value: str) -> Sequence[Turn]:
    middle = len(value) // 2
    digits = [f"{digit} " for digit in value]
    said = Says([_LONG, "It is ", *digits[:middle], *digits[middle:], "."], pause_s=_PAUSE_S)
    return [Turn([said], interrupts="Stop, please wait a moment."), Turn([Says(["All right."])])]


def _provider_error(value: str) -> Sequence[Turn]:
    said = Says(["The account number is ", value[:3], value[3:8]], broken=True)
    return [Turn([said]), Turn([Says(["Here I am again."])])]


ATTACKS: Final = (
    Attack("barge-in in mid-value", Coop.long_code, _barge_in),
    Attack("provider error in mid-value", Coop.long_code, _provider_error),
)
