"""A channel that keeps what it was given and lets a test say what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offmic.delivery import DeliveryState

if TYPE_CHECKING:
    from offmic.secrets import Secret


class RecordedDelivery:
    """A delivery whose outcome a test sets."""

    def __init__(self, secret: Secret, state: DeliveryState, reason: str) -> None:
        self.id = f"delivery-of-{secret.name}"
        self.identity = "caller"
        self.label = secret.label
        self.state = state
        self.reason = reason

    @property
    def final(self) -> bool:
        return self.state not in (DeliveryState.QUEUED, DeliveryState.SENT)

    async def settled(self, timeout_s: float) -> DeliveryState:
        return self.state


class RecordingChannel:
    """Keeps every secret that was to be delivered.

    Args:
        state: what becomes of each.
        reason: why, where it was not shown.
    """

    def __init__(self, state: DeliveryState = DeliveryState.SHOWN, reason: str = "") -> None:
        self.state = state
        self.reason = reason
        self.delivered: list[Secret] = []
        self.deliveries: list[RecordedDelivery] = []

    def deliver(self, secret: Secret) -> RecordedDelivery:
        self.delivered.append(secret)
        self.deliveries.append(RecordedDelivery(secret, self.state, self.reason))
        return self.deliveries[-1]

    def settle(self, state: DeliveryState) -> None:
        """Let the newest delivery end like this."""
        self.deliveries[-1].state = state

    async def aclose(self) -> None:
        self.delivered.clear()
