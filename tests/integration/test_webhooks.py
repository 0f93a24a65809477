"""The SFU's webhooks: one that it signed about an agent is a hint, everything else is refused."""

from __future__ import annotations

import base64
import hashlib

import aiohttp
from google.protobuf.json_format import MessageToJson
from livekit import api

from offmic.fleet.webhooks import receiving
from offmic.settings import load_settings

_SETTINGS = load_settings({}, dotenv=None)


def an_event(kind: int, secret: str = _SETTINGS.livekit_api_secret) -> tuple[str, str]:
    """Return the body and the signature of an event that says that a participant left."""
    event = api.WebhookEvent(
        event="participant_left",
        room=api.Room(name="lobby"),
        participant=api.ParticipantInfo(identity="one", kind=kind),  # type: ignore[arg-type]
    )
    body = MessageToJson(event)
    digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
    token = api.AccessToken(_SETTINGS.livekit_api_key, secret).with_sha256(digest)
    return body, token.to_jwt()


async def statuses(*events: tuple[str, str]) -> tuple[list[int], list[str]]:
    suspected: list[str] = []
    found = []
    async with receiving(_SETTINGS, 0, suspected.append) as port, aiohttp.ClientSession() as http:
        for body, signature in events:
            headers = {"Authorization": signature}
            url = f"http://127.0.0.1:{port}/"
            async with http.post(url, data=body, headers=headers) as answer:
                found.append(answer.status)
    return found, suspected


async def test_an_agent_that_left_is_suspected() -> None:
    agent = an_event(api.ParticipantInfo.Kind.AGENT)
    assert await statuses(agent) == ([200], ["lobby"])


async def test_a_caller_who_left_is_not() -> None:
    caller = an_event(api.ParticipantInfo.Kind.STANDARD)
    assert await statuses(caller) == ([200], [])


async def test_what_the_sfu_did_not_sign_is_refused() -> None:
    body, signature = an_event(api.ParticipantInfo.Kind.AGENT)
    foreign = an_event(api.ParticipantInfo.Kind.AGENT, "another-secret-of-32-characters-xx")
    changed = body.replace("lobby", "other")
    assert await statuses(foreign, (body, ""), (changed, signature)) == ([401, 401, 401], [])
