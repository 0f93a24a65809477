"""A real livekit-server on free loopback ports; it must never outlive the test using it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from tests.fakes.ports import release_port, reserve_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_BUILT: Final = Path(__file__).resolve().parents[2] / ".tools" / "bin" / "livekit-server"
_START_TIMEOUT_S: Final = 20.0


class Sfu:
    """One livekit-server: start it, use `url`, `api_key` and `api_secret`, stop it.

    Args:
        redis_port: of the Redis over which it is one of several nodes; 0 for a server on its own.
        api_secret: of all nodes; one of its own where it is empty.
    """

    def __init__(self, redis_port: int = 0, api_secret: str = "") -> None:
        self.api_key = "devkey"
        self.api_secret = api_secret or secrets.token_hex(32)
        self._redis_port = redis_port
        self.port = 0
        self._ports: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def url(self) -> str:
        """Where participants and workers connect."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def ports(self) -> tuple[int, ...]:
        """All ports on which it serves: first HTTP and WebSockets, then media."""
        return tuple(self._ports)

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        assert self._folder is not None
        return (Path(self._folder.name) / "log").read_text(errors="replace")

    @property
    def node_id(self) -> str:
        """What it calls itself among the nodes; others stand in its log too, later."""
        found = re.search(r"starting LiveKit server.*?\"nodeID\": \"(\w+)\"", self.log)
        assert found, self.log
        return found[1]

    async def start(self) -> None:
        """Start the server and wait until it answers."""
        try:
            await self._start()
        except _NotUpError:
            log = self.log
            await self.stop()
            raise AssertionError(f"livekit-server did not start:\n{log}") from None

    async def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        if self._process is not None:
            # Asked politely it waits for its rooms to empty; it holds nothing worth saving.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await asyncio.to_thread(self._process.wait)
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        while self._ports:
            release_port(self._ports.pop())

    def kill(self) -> None:
        """End it without a word, as a machine that loses its power."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)

    def freeze(self) -> None:
        """Let it answer nobody, on no connection."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)

    async def _start(self) -> None:
        self._ports = [reserve_port() for _ in range(2)]
        self.port, udp_port = self._ports
        self._folder = tempfile.TemporaryDirectory(prefix="offmic-sfu-")
        folder = Path(self._folder.name)
        config: dict[str, Any] = {
            "port": self.port,
            "bind_addresses": ["127.0.0.1"],
            "rtc": {
                "node_ip": "127.0.0.1",
                "use_external_ip": False,
                "enable_loopback_candidate": True,
                "ips": {"includes": ["127.0.0.1/32"]},
                # The server would open a TCP media port on every interface.
                "tcp_port": 0,
                "udp_port": udp_port,
                # Without an entry it sends its clients to STUN servers on the internet. Nobody
                # answers at this one; at the media port, connections would fail.
                "stun_servers": [f"127.0.0.1:{self.port}"],
            },
            "keys": {self.api_key: self.api_secret},
            "logging": {"level": "info"},
        }
        if self._redis_port:
            config["redis"] = {"address": f"127.0.0.1:{self._redis_port}"}
            # As in compose.yaml: clients learn sooner that another node died.
            config["signal_relay"] = {"retry_timeout": "1s"}
        # JSON is YAML.
        (folder / "livekit.yaml").write_text(json.dumps(config))
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - it runs beside the tests
                [_binary(), "--config", str(folder / "livekit.yaml")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        await self._wait_until_up()

    async def _wait_until_up(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + _START_TIMEOUT_S
        async with aiohttp.ClientSession() as http:
            while loop.time() < end:
                assert self._process is not None
                if self._process.poll() is not None:
                    raise _NotUpError
                with suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{self.port}/") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)
        raise _NotUpError


@asynccontextmanager
async def running_sfu(redis_port: int = 0, api_secret: str = "") -> AsyncIterator[Sfu]:
    """Run a server for the length of a `with` block; the arguments are those of `Sfu`."""
    sfu = Sfu(redis_port, api_secret)
    try:
        await sfu.start()
        yield sfu
    finally:
        await sfu.stop()


class _NotUpError(Exception):
    pass


def _binary() -> str:
    if _BUILT.exists():
        return str(_BUILT)
    found = shutil.which("livekit-server")
    assert found, "livekit-server is missing: run `make setup`"
    return found
