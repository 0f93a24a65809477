"""Tokens for the page's callers; one must never allow more than a call needs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from livekit import api

from offmic.delivery.channel import ATTRIBUTE_KEY

if TYPE_CHECKING:
    from offmic.settings import Settings

TOKEN_LIFE: Final = timedelta(minutes=10)
"""How long a token lets someone join; a call that goes on gets new ones from the SFU."""
_CLOUD: Final = ".livekit.cloud"


def make_token(settings: Settings, room: str, identity: str, key: str | None) -> str:
    """Make a token for one identity in one room.

    The key is bound: `can_update_own_metadata` is withheld, so whoever steals the token cannot put
    a key of their own in its place.

    Args:
        settings: the SFU's keys and the agent's name.
        room: the one room that it lets join.
        identity: who it is for.
        key: the receiver's public key, None for a client without a receiver.
    """
    grants = api.VideoGrants(
        room_join=True,
        room=room,
        can_publish=True,
        can_publish_sources=["microphone"],
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=False,
    )
    token = (
        api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret)
        .with_identity(identity)
        .with_grants(grants)
        .with_ttl(TOKEN_LIFE)
    )
    if key is not None:
        token = token.with_attributes({ATTRIBUTE_KEY: key})
    if settings.agent_name:
        dispatch = api.RoomAgentDispatch(agent_name=settings.agent_name)
        token = token.with_room_config(api.RoomConfiguration(agents=[dispatch]))
    return token.to_jwt()


def page_url(settings: Settings) -> str:
    """Return the SFU's address as the page's client connects to it."""
    parts = urlsplit(settings.livekit_url)
    scheme = "wss" if parts.scheme in {"wss", "https"} else "ws"
    return f"{scheme}://{parts.netloc}{parts.path}"


def sfu_sources(settings: Settings) -> list[str]:
    """Return what the page may connect to, as sources of a Content-Security-Policy."""
    parts = urlsplit(page_url(settings))
    secure = "s" if parts.scheme == "wss" else ""
    # Its client asks by HTTP why a connection failed; LiveKit Cloud names servers near the caller.
    hosts = [parts.netloc] + ([f"*{_CLOUD}"] if (parts.hostname or "").endswith(_CLOUD) else [])
    return [f"{scheme}{secure}://{host}" for host in hosts for scheme in ("ws", "http")]
