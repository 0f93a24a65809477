"""Which servers an SFU sends its clients to; it must never take part in the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
from livekit import api
from livekit.protocol import rtc

if TYPE_CHECKING:
    from tests.fakes.sfu import Sfu


async def ice_servers(sfu: Sfu) -> list[str]:
    """Join a room as far as the first answer and return the STUN and TURN URLs in it."""
    token = (
        api.AccessToken(sfu.api_key, sfu.api_secret)
        .with_identity("asking")
        .with_grants(api.VideoGrants(room_join=True, room="ice"))
        .to_jwt()
    )
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{sfu.port}") as http,
        http.ws_connect("/rtc", params={"access_token": token, "protocol": "16"}) as socket,
    ):
        answer = rtc.SignalResponse.FromString(await socket.receive_bytes())
    return [url for server in answer.join.ice_servers for url in server.urls]
