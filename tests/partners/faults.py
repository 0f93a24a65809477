"""The ways in which a provider fails, and the switch that makes a partner fail in one of them."""

from __future__ import annotations

import asyncio
import os
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tests.fakes.ports import release_port, reserve_port

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

RETRY_AFTER_S: Final = 1


class Fault(StrEnum):
    """What is wrong with a provider."""

    REFUSED = "refused"
    """Nothing listens."""
    UNAUTHORISED = "401"
    RATE_LIMITED = "429"
    BROKEN = "500"
    TIMEOUT = "time-out"
    """It takes what it is sent, and never answers; what is open stays open."""
    SILENT = "silence in mid-stream"
    DROPPED = "dropped socket"
    """It begins to answer; then its connection is reset."""
    NONSENSE = "nonsense"


_STATUS: Final = {Fault.UNAUTHORISED: 401, Fault.RATE_LIMITED: 429, Fault.BROKEN: 500}
MIDSTREAM: Final = frozenset({Fault.SILENT, Fault.DROPPED, Fault.NONSENSE})
"""These begin after the provider has accepted the request."""
ALL: Final = bool(os.environ.get("ALL_FAULTS"))
"""Whether every fault is tried, as `make faults` has it; a sample is otherwise."""
TRIED: Final = tuple(Fault) if ALL else (Fault.UNAUTHORISED, Fault.TIMEOUT, Fault.SILENT)


class Partner:
    """A server that can be broken and mended while it is used.

    Args:
        app: what it answers when nothing is wrong.
    """

    def __init__(self, app: web.Application) -> None:
        self.app = app
        self.port = reserve_port()
        self.fault: Fault | None = None
        self.asked = 0
        """Requests and connections so far, refused ones left out."""
        self._changed = asyncio.Event()
        self._open: list[web.BaseRequest] = []
        self._runner: web.AppRunner | None = None
        app.middlewares.append(self._fail_early)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def listen(self) -> None:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def break_with(self, fault: Fault) -> None:
        """Fail in this way from now on; connections that are open fail as well."""
        self.fault = fault
        self._changed.set()
        self._changed = asyncio.Event()
        if fault is Fault.REFUSED:
            await self._stop()
        elif fault is not Fault.TIMEOUT and fault not in MIDSTREAM:
            for request in tuple(self._open):
                drop(request)

    async def mend(self) -> None:
        """Work again."""
        self.fault = None
        self._changed.set()
        self._changed = asyncio.Event()
        if self._runner is None:
            await self.listen()

    async def aclose(self) -> None:
        await self.mend()
        await self._stop()
        release_port(self.port)

    async def hang(self) -> None:
        """Wait until the fault is another one."""
        await self._changed.wait()

    async def _stop(self) -> None:
        for request in tuple(self._open):
            drop(request)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @web.middleware
    async def _fail_early(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        self.asked += 1
        fault = self.fault
        if fault in _STATUS:
            headers = {"Retry-After": str(RETRY_AFTER_S)} if fault is Fault.RATE_LIMITED else None
            body = {"err_code": "SCRIPTED", "error": {"message": "the fault that was asked for"}}
            return web.json_response(body, status=_STATUS[fault], headers=headers)
        self._open.append(request)
        try:
            if fault is Fault.TIMEOUT:
                await self.hang()
                drop(request)
                return web.Response(status=503)
            return await handler(request)
        except ConnectionResetError:
            # Whoever asked is gone, as when a caller interrupts.
            return web.Response(status=503)
        finally:
            self._open.remove(request)


def drop(request: web.BaseRequest) -> None:
    """Reset the connection of a request."""
    if request.transport is not None:
        request.transport.abort()
