"""Whether a worker lives and whether it can take a call, on its own port; it must not guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from offmic import endpoints
from offmic.fleet.models_probe import ModelsProbe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offmic.fleet.server import FleetServer


def add_health(server: FleetServer) -> None:
    """Answer `/live` and `/ready` on the worker's port: 200 or 503, with what was looked at.

    Args:
        server: not running yet.
    """
    models = ModelsProbe()

    async def live(_: web.Request) -> web.Response:
        # That it answers is the point: a hung loop does not. What a restart does not mend, an SFU
        # that is away or a fleet that is full, is not looked at here.
        return _answer({"inference": server.infers})

    async def ready(_: web.Request) -> web.Response:
        return _answer(
            {
                "models": server.has_models and await models.answers(),
                "sfu": server.is_registered and await server.reaches_sfu(),
                "staying": not server.draining,
                "room": server.has_models and server.has_room,
            }
        )

    endpoints.add_routes(web.get("/live", live), web.get("/ready", ready))


def _answer(checks: Mapping[str, bool]) -> web.Response:
    return web.json_response(dict(checks), status=200 if all(checks.values()) else 503)
