"""The channel of the console, where the caller's screen is this terminal; it must never log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from offmic.delivery.model import Delivery
from offmic.delivery.outbox import AckState, EnvelopeSent, Parcel, SealRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from offmic.secrets import Secret

_TERMINAL: Final = "terminal"


class TerminalChannel:
    """Shows each secret at once.

    Args:
        show: puts a secret on the screen; an `OSError` means that it could not.
    """

    def __init__(self, show: Callable[[Secret], None]) -> None:
        self._show = show

    def deliver(self, secret: Secret) -> Delivery:
        """Show the secret now; see `Channel`."""
        now_s = time.monotonic()
        parcel = Parcel(
            _TERMINAL, once=secret.once, now_s=now_s, ttl_s=secret.ttl_s, plain_allowed=False
        )
        try:
            self._show(secret)
        except OSError:
            parcel.apply(SealRefused())
        else:
            parcel.apply(EnvelopeSent(_TERMINAL, now_s))
            parcel.acknowledge(_TERMINAL, AckState.SHOWN, now_s)
        return Delivery(secret, parcel)

    async def aclose(self) -> None:
        """Nothing is ever open here."""
