"""What the worker's port answers beside the framework's own; it must never be a second server.

The framework makes its HTTP server while it starts and offers no hook before its routes are fixed:
here it is given one that has ours as well.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from livekit.agents import worker

if TYPE_CHECKING:
    from aiohttp import web


def add_routes(*routes: web.RouteDef) -> None:
    """Answer these as well on the port of the worker that this process starts next."""
    base: Any = vars(worker)["http_server"].HttpServer

    class Server(base):  # type: ignore[misc]
        def __init__(self, host: str, port: int) -> None:
            super().__init__(host, port)
            self.app.add_routes(routes)

    vars(worker)["http_server"] = SimpleNamespace(HttpServer=Server)
