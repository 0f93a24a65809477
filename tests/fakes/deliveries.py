"""An agent that only delivers, receivers beside it, and what they are given; it answers nobody."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

from offmic.delivery import RoomChannel
from offmic.delivery.channel import ATTRIBUTE_KEY
from offmic.receiver import Receiver, SecretReceived
from offmic.secrets import Secret
from tests.fakes.rooms import joined

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from livekit import rtc

    from offmic.delivery import MayReceive
    from tests.fakes.sfu import Sfu

VALUE: Final = "correct-horse-battery"


@asynccontextmanager
async def delivering(
    sfu: Sfu,
    to: str | None = "ann",
    plain: Literal["refuse", "chat"] = "refuse",
    may_receive: MayReceive | None = None,
    *,
    require_bound_key: bool = False,
) -> AsyncIterator[RoomChannel]:
    """Join as an agent that delivers to one identity, for the length of a `with` block."""
    async with joined(sfu, "agent", kind="agent") as room:
        channel = RoomChannel(
            room,
            lambda: to,
            plain_clients=plain,
            may_receive=may_receive,
            require_bound_key=require_bound_key,
        )
        try:
            yield channel
        finally:
            await channel.aclose()


@asynccontextmanager
async def receiving(sfu: Sfu, identity: str = "ann") -> AsyncIterator[list[SecretReceived]]:
    """Join with a receiver; yield what it is given."""
    got: list[SecretReceived] = []
    async with joined(sfu, identity) as room:
        receiver = Receiver(room, got.append)
        await receiver.start()
        try:
            yield got
        finally:
            await receiver.aclose()


def a_secret(**changes: Any) -> Secret:
    """Return a password for the Wi-Fi, with whatever the test wants otherwise."""
    return Secret(VALUE, "Wi-Fi password", "password", **changes)


def announced(room: rtc.Room, identity: str) -> str:
    """Return the key that the others see of this participant; empty where they see none."""
    one = room.remote_participants.get(identity)
    return one.attributes.get(ATTRIBUTE_KEY, "") if one is not None else ""


class Trail(logging.Handler):
    """Keeps what the trail says of each delivery: id and outcome, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields = vars(record)
        self.outcomes.append((fields["delivery"], fields["outcome"]))

    def of(self, name: str) -> list[str]:
        """Return the outcomes of one delivery; more than one is a fault."""
        return [outcome for delivery, outcome in self.outcomes if delivery == name]
