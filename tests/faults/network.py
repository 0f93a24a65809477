"""A network between one worker and the SFU that can be cut; everybody else's stays what it is.

Its TCP goes through a relay that stands still, its UDP is dropped in its own processes. Redis is
reached all the time: the worse case, for an agent that is cut off still beats.
"""

from __future__ import annotations

import asyncio
import shutil
import struct
import subprocess
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.sfu import Sfu

_SOURCE: Final = Path(__file__).with_name("network.c")
_CHUNK_BYTES: Final = 1 << 16


class Network:
    """The settings that send a worker through it, and its cuts.

    Args:
        sfu: to which it leads.
        folder: where its files may lie.
    """

    def __init__(self, sfu: Sfu, folder: Path) -> None:
        compiler = shutil.which("cc")
        assert compiler, "a C compiler is missing: apt-get install gcc"
        library = folder / "network.so"
        command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True)
        self._sfu = sfu
        self._flag = folder / "cut"
        self._flag.write_bytes(bytes(8))
        self._open = asyncio.Event()
        self._open.set()
        self._port = 0
        self._preload = {"LD_PRELOAD": str(library), "UDP_CUT": str(self._flag)}

    @property
    def settings(self) -> dict[str, str]:
        """What the worker is started with."""
        return {**self._preload, "LIVEKIT_URL": f"ws://127.0.0.1:{self._port}"}

    def cut(self) -> None:
        """Let nothing through, and no connection end."""
        self._write(1)
        self._open.clear()

    def mend(self) -> None:
        """Let everything through."""
        self._write(0)
        self._open.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Network]:
        """Relay for the length of a `with` block."""
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.mend()
            server.close()

    def _write(self, value: int) -> None:
        with self._flag.open("r+b") as file:
            file.write(struct.pack("=q", value))

    async def _relay(self, near: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        far, onward = await asyncio.open_connection("127.0.0.1", self._sfu.port)
        await asyncio.gather(self._copy(near, onward), self._copy(far, answer))

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(_CHUNK_BYTES):
                await self._open.wait()
                target.write(data)
                await target.drain()
        target.close()
        with suppress(OSError):
            await target.wait_closed()
