"""What is said and written where a secret stood; it must never claim more than is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.delivery import DeliveryState
from offmic.guard.phrasing import ON_SCREEN

if TYPE_CHECKING:
    from offmic.delivery import Delivery

_UNCONFIRMED: Final = "in your chat, though I cannot see whether it arrived"
_NOT_SHOWN: Final = {
    "no_receiver": "not something I can send you here, because your app cannot show it privately",
    "not_bound": "not something I can send you here, because I cannot be sure of your screen",
    "not_allowed": "not something I may show you",
    "too_many": "not something I can show you right now, because you asked for too much at once",
    "nobody": "not something I can show, because I cannot tell who asked",
}
_NOT_YET: Final = "not on your screen yet, because I could not show it"
GONE: Final = "gone, because its time is over"
"""What is said in the place of a secret whose value was forgotten."""

ONE_MOMENT: Final = "Just one moment, please … "
"""Nothing follows it for a while: a guard holds back a last word with a stop, and a voice without a
clause waits for more."""
AGAIN: Final = "… Sorry, let me say that again. "
ENOUGH: Final = "That was too much at once. Please wait a minute, then ask me again."
CANNOT_SPEAK_NOW: Final = "I am sorry, something went wrong on my side. Please ask me again."
BACK: Final = (
    "I am back. What had not appeared on your screen before, please ask me for again. "
    "How can I help you?"
)
CUT_OFF: Final = "I am back, the connection was lost for a moment. How can I help you?"
HANDING_OVER: Final = "One moment please, a colleague will take over this call."


def spoken(delivery: Delivery) -> str:
    """Say what has become of a secret, in words that fit after "The door code is"."""
    match delivery.state:
        case DeliveryState.SHOWN:
            return ON_SCREEN
        case DeliveryState.UNCONFIRMED:
            return _UNCONFIRMED
        case _:
            return _NOT_SHOWN.get(delivery.reason, _NOT_YET)


def beside_label(outcome: str) -> str:
    """Write the truth beside a label in brackets where the secret is not on the screen.

    Args:
        outcome: what is said in its place.
    """
    return "" if outcome == ON_SCREEN else f", {outcome}"


def news(deliveries: list[Delivery]) -> str:
    """Say what has appeared since it was said that it had not; empty where nothing has."""
    labels = [f"the {d.label}" for d in deliveries]
    if not labels:
        return ""
    are = "is" if len(labels) == 1 else "are"
    named = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
    return f"{named[0].upper()}{named[1:]} {are} {ON_SCREEN} now. "
