"""A real redis-server on loopback, to be stopped and killed; it keeps nothing on disk."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import redis.asyncio
from redis.exceptions import RedisError

from tests.fakes.ports import release_port, reserve_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class RedisServer:
    """One redis-server."""

    def __init__(self) -> None:
        self.port = reserve_port()
        self._folder = tempfile.TemporaryDirectory(prefix="offmic-redis-")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: run `make setup`"
        self._process = subprocess.Popen(  # noqa: ASYNC220 - it runs beside the tests
            [
                program,
                *("--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", self._folder.name),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        client = redis.asyncio.Redis.from_url(self.url)
        try:
            async with asyncio.timeout(20):
                while True:
                    with suppress(RedisError, OSError):
                        await client.ping()
                        return
                    await asyncio.sleep(0.02)
        finally:
            await client.aclose()

    def freeze(self) -> None:
        """Let it answer nobody."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    async def kill(self) -> None:
        """End it with all that it knows."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
            self._process = None

    async def cleanup(self) -> None:
        """End it and give its port back."""
        await self.kill()
        self._folder.cleanup()
        release_port(self.port)


@asynccontextmanager
async def running_redis() -> AsyncIterator[RedisServer]:
    """Run a server for the length of a `with` block."""
    server = RedisServer()
    try:
        await server.start()
        yield server
    finally:
        await server.cleanup()
