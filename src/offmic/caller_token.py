"""What a caller of ours may do in a room; it must never let one change what it announced."""

from __future__ import annotations

from livekit import api

from offmic.delivery.channel import ATTRIBUTE_KEY


def make_token(
    api_key: str,
    api_secret: str,
    room: str,
    identity: str,
    agent_name: str,
    *,
    hidden: bool,
    key: str | None,
) -> str:
    """Return the token with which a caller joins.

    Args:
        api_key: the SFU's.
        api_secret: the SFU's.
        room: the room's name.
        identity: who to be.
        agent_name: the agent to dispatch into a new room; empty where agents come by themselves.
        hidden: be unseen by the others.
        key: the receiver's public key; None for a plain client.
    """
    grants = api.VideoGrants(
        room_join=True,
        room=room,
        hidden=hidden,
        # The key is bound, as the page's is: nobody can put another in its place.
        can_update_own_metadata=False,
    )
    token = api.AccessToken(api_key, api_secret).with_identity(identity).with_grants(grants)
    if key is not None:
        token = token.with_attributes({ATTRIBUTE_KEY: key})
    if agent_name:
        dispatch = api.RoomAgentDispatch(agent_name=agent_name)
        token = token.with_room_config(api.RoomConfiguration(agents=[dispatch]))
    return token.to_jwt()
