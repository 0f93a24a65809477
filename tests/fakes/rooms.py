"""Participants of a real room, made by hand; they must be gone when their test ends."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Literal

from livekit import api, rtc

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.sfu import Sfu

ROOM = "lobby"


def a_token(
    sfu: Sfu,
    identity: str,
    *,
    kind: Literal["standard", "agent"] = "standard",
    room: str = ROOM,
    hidden: bool = False,
    bound_key: str = "",
) -> str:
    """Make a token.

    Args:
        sfu: the server.
        identity: who it is for.
        kind: of participant.
        room: the one room that it lets join.
        hidden: unseen by the others.
        bound_key: a receiver's key that the token names and its holder cannot change; without one
            the holder may announce any.
    """
    grants = api.VideoGrants(
        room_join=True, room=room, can_update_own_metadata=not bound_key, hidden=hidden
    )
    token = (
        api.AccessToken(sfu.api_key, sfu.api_secret)
        .with_identity(identity)
        .with_kind(kind)
        .with_grants(grants)
    )
    if bound_key:
        token = token.with_attributes({"offmic.key": bound_key})
    return token.to_jwt()


@asynccontextmanager
async def entered(sfu: Sfu, token: str) -> AsyncIterator[rtc.Room]:
    """Join with a token, one's own or a stolen one, for the length of a `with` block."""
    one = rtc.Room()
    await one.connect(sfu.url, token)
    try:
        yield one
    finally:
        await one.disconnect()


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
    token = a_token(sfu, identity, kind=kind, room=room, hidden=hidden)
    async with entered(sfu, token) as one:
        yield one
