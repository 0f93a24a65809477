"""What the rest of the project sees of a delivery; it must never say more than its outcome."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from offmic.delivery.outbox import Parcel
from offmic.metrics import Part, count_delivery, time_part

if TYPE_CHECKING:
    from offmic.delivery.outbox import DeliveryState, NobodyListened, TooMany
    from offmic.secrets import Secret

_trail = logging.getLogger("offmic.trail")
"""Who received which label, when, with which outcome; never a value."""


class Delivery:
    """One secret on its way to the participant who asked.

    Args:
        secret: what is delivered.
        parcel: its life so far.
    """

    def __init__(self, secret: Secret, parcel: Parcel) -> None:
        # Not the secret itself: an outcome is remembered longer than a value.
        self.label = secret.label
        self.kind = secret.kind
        self._parcel = parcel
        self._settled = asyncio.Event()
        self.refresh()

    @property
    def id(self) -> str:
        """What names this delivery on the wire: 128 random bits, base64url."""
        return self._parcel.id

    @property
    def identity(self) -> str:
        """Whom it goes to; empty where nobody is listened to."""
        return self._parcel.identity

    @property
    def state(self) -> DeliveryState:
        """How far it came."""
        return self._parcel.state

    @property
    def reason(self) -> str:
        """Why it failed, a word of `offmic.delivery.outbox.REASONS`; else empty."""
        return self._parcel.reason

    @property
    def final(self) -> bool:
        """Whether the outcome is known; it never changes afterwards."""
        return self._parcel.final

    def __repr__(self) -> str:
        return f"Delivery({self.id}, {self.state})"

    async def settled(self, timeout_s: float) -> DeliveryState:
        """Wait for the outcome, at most this long.

        Args:
            timeout_s: in seconds; after it the delivery goes on all the same.

        Returns:
            The state reached by then, final or not.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._settled.wait()
        return self.state

    def refresh(self) -> None:
        """Wake those who wait, and note the outcome, where it is known; for channels."""
        if not self.final or self._settled.is_set():
            return
        self._settled.set()
        count_delivery(self.state, self.kind)
        time_part(Part.DELIVERY, time.monotonic() - self._parcel.now_s)
        _trail.info(
            "a delivery has its outcome",
            extra={
                "delivery": self.id,
                "label": self.label,
                "kind": str(self.kind),
                "participant": self.identity,
                "outcome": str(self.state),
                "reason": self.reason,
            },
        )


def refuse(secret: Secret, why: TooMany | NobodyListened) -> Delivery:
    """Return a delivery that was never begun, with its reason."""
    parcel = Parcel(
        "", once=secret.once, now_s=time.monotonic(), ttl_s=secret.ttl_s, plain_allowed=False
    )
    parcel.apply(why)
    return Delivery(secret, parcel)


class Channel(Protocol):
    """A private way to the one participant who asked."""

    def deliver(self, secret: Secret) -> Delivery:
        """Start to deliver in the background; call it on the event loop. It never raises."""

    async def aclose(self) -> None:
        """End the call: what is still open has failed, for the reason `call_over`."""
