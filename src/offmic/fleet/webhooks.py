"""What the SFU tells a watcher of its own accord: a hint, never a reason to dispatch."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiohttp import web
from livekit import api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from offmic.settings import Settings

_HOST: Final = "0.0.0.0"  # noqa: S104 - the SFU is elsewhere; what it sends is signed
_LEFT: Final = ("participant_left", "participant_connection_aborted")
_MOST_BYTES: Final = 1 << 16


@asynccontextmanager
async def receiving(
    settings: Settings, port: int, suspect: Callable[[str], None]
) -> AsyncIterator[int]:
    """Take the SFU's webhooks for the length of a `with` block; yields the port.

    Args:
        settings: the SFU's key and secret, with which it signs.
        port: to listen on; 0 for any free one.
        suspect: called with the name of a room whose agent left.
    """
    verifier = api.TokenVerifier(settings.livekit_api_key, settings.livekit_api_secret)
    receiver = api.WebhookReceiver(verifier)

    async def take(request: web.Request) -> web.Response:
        try:
            body = (await request.read()).decode()
            event = receiver.receive(body, request.headers.get("Authorization", ""))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not the SFU's
            return web.Response(status=401)
        if event.event in _LEFT and event.participant.kind == api.ParticipantInfo.Kind.AGENT:
            suspect(event.room.name)
        return web.Response()

    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
