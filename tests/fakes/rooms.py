"""Participants of a real room, made by hand; they must be gone when their test ends."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

from livekit import api, rtc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.sfu import Sfu

ROOM = "lobby"


@asynccontextmanager
async def joined(
    sfu: Sfu,
    identity: str,
    *,
    kind: Literal["standard", "agent"] = "standard",
    room: str = ROOM,
    hidden: bool = False,
) -> AsyncIterator[rtc.Room]:
    """Join a room for the length of a `with` block."""
    one = rtc.Room()
    grants = api.VideoGrants(room_join=True, room=room, can_update_own_metadata=True, hidden=hidden)
    token = (
        api.AccessToken(sfu.api_key, sfu.api_secret)
        .with_identity(identity)
        .with_kind(kind)
        .with_grants(grants)
    )
    await one.connect(sfu.url, token.to_jwt())
    try:
        yield one
    finally:
        await one.disconnect()
