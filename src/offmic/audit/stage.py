"""What an audit runs on: a server, and the worker in folders of its own; all of it ends with it.

The worker gets no setting of this machine that could send what it hears elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from offmic.audit.errors import AuditError
from offmic.audit.subject import PLAN
from offmic.children import Child
from offmic.preflight import check_server, is_listening
from offmic.run import server_program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from offmic.audit.canaries import Canary
    from offmic.settings import Settings

_SERVER_START_S: Final = 15.0
_WORKER_START_S: Final = 120.0
_REGISTERED: Final = "registered worker"
_SHOWN: Final = 300
"""Characters of another program's words that stand in a message."""
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SYSTEMROOT")


class Server(Protocol):
    """An SFU and its key."""

    @property
    def url(self) -> str:
        """Where to connect."""

    @property
    def api_key(self) -> str:
        """Whose token."""

    @property
    def api_secret(self) -> str:
        """What signs it."""


@dataclass(frozen=True)
class Sfu:
    """The server of this audit."""

    url: str
    api_key: str
    api_secret: str

    def __repr__(self) -> str:
        return f"Sfu({self.url})"


class Subject:
    """The worker under audit.

    Args:
        folder: of the audit; the worker's own are `work`, `home` and `tmp` in it.
        agent: its class, `package.module:Class`.
        canaries: the values of all attacks.
    """

    def __init__(self, folder: Path, agent: str, canaries: list[tuple[Canary, bool]]) -> None:
        self.agent_name = f"audit-{os.urandom(4).hex()}"
        self.folders = [folder / name for name in ("work", "home", "tmp")]
        self.reports = folder / "reports"
        for path in (*self.folders, self.reports):
            path.mkdir()
        self._folder = folder
        self._secrets = folder / "secrets.toml"
        self._secrets.write_text(
            "".join(_table(n, c) for n, (c, in_vault) in enumerate(canaries) if in_vault), "utf-8"
        )
        self._plan = folder / "plan.json"
        values = {canary.owner: canary.value for canary, _ in canaries}
        plan: dict[str, Any] = {"agent": agent, "values": values, "reports": str(self.reports)}
        self._plan.write_text(json.dumps(plan), "utf-8")

    @property
    def output(self) -> str:
        """All that the worker and its jobs wrote to their standard output."""
        return (self._folder / "stdout").read_text("utf-8", "replace")

    @property
    def errors(self) -> str:
        """All that they wrote to their standard error."""
        return (self._folder / "stderr").read_text("utf-8", "replace")

    @property
    def files(self) -> str:
        """Names and content of every file in the worker's folders."""
        found = []
        for path in sorted(p for folder in self.folders for p in folder.rglob("*")):
            found.append(str(path.relative_to(self._folder)))
            if path.is_file():
                found.append(path.read_bytes().decode("utf-8", "replace"))
        return "\n".join(found)

    def report(self, room: str, name: str) -> str:
        """Return what the agent of a room handed in, empty where there is nothing."""
        path = self.reports / f"{room}.{name}.json"
        return path.read_text("utf-8") if path.exists() else ""

    @asynccontextmanager
    async def running(self, sfu: Sfu, url: str) -> AsyncIterator[None]:
        """Run it until the block ends.

        Args:
            sfu: the server.
            url: of the listener.
        """
        with (
            (self._folder / "stdout").open("wb") as out,
            (self._folder / "stderr").open("wb") as err,
        ):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "offmic.audit.subject", "start", "--log-level", "DEBUG"),
                cwd=self.folders[0],
                env=self._environ(sfu, url),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        try:
            await self._registered(process)
            yield
        finally:
            await _end(process)

    async def _registered(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_WORKER_START_S):
                while process.returncode is None:
                    if _REGISTERED in self.output:
                        return
                    await asyncio.sleep(0.1)
        last = (self.errors or self.output).strip().splitlines()[-1:] or ["it said nothing"]
        raise AuditError(f"the worker did not start: {last[0][:_SHOWN]}")

    def _environ(self, sfu: Sfu, url: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        work, home, tmp = map(str, self.folders)
        return kept | {
            "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *filter(None, sys.path)]),
            "PYTHONUNBUFFERED": "1",
            "HOME": home,
            "TMPDIR": tmp,
            "PWD": work,
            PLAN: str(self._plan),
            "LIVEKIT_URL": sfu.url,
            "LIVEKIT_API_KEY": sfu.api_key,
            "LIVEKIT_API_SECRET": sfu.api_secret,
            "OFFMIC_AGENT_NAME": self.agent_name,
            "OFFMIC_SECRETS": str(self._secrets),
            "OFFMIC_STT": "local",
            "OFFMIC_LLM": "openai/scripted",
            "OFFMIC_TTS": "local",
            "OFFMIC_RETURN_S": "1",
            "OFFMIC_PORT": "0",
            "OPENAI_BASE_URL": f"{url}/v1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": url,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        }


@asynccontextmanager
async def a_server(settings: Settings) -> AsyncIterator[Sfu]:
    """Use the server that LIVEKIT_URL names, or run one of this audit's own.

    Raises:
        OffmicError: it cannot be used or started; one line says why.
    """
    async with contextlib.AsyncExitStack() as stack:
        if "LIVEKIT_URL" not in settings.given:
            # One of its own: an agent of somebody else's must not come into these rooms.
            settings = replace(settings, livekit_url=f"ws://127.0.0.1:{_free_ports()}")
            child = await Child.start(server_program(settings), lambda _: None)
            stack.push_async_callback(child.stop)
            await _until_listening(settings, child)
        await asyncio.to_thread(check_server, settings)
        yield Sfu(settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret)


@asynccontextmanager
async def a_folder() -> AsyncIterator[Path]:
    """Return a folder that nobody else may read, and that is gone when the block ends."""
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="offmic-audit-")
    try:
        yield Path(folder.name)
    finally:
        await asyncio.to_thread(folder.cleanup)


async def _until_listening(settings: Settings, child: Child) -> None:
    ended = asyncio.create_task(child.ended())
    try:
        async with asyncio.timeout(_SERVER_START_S):
            while not await asyncio.to_thread(is_listening, settings, 1.0):
                if ended.done():
                    raise AuditError(
                        f"livekit-server did not start: {' '.join(child.last_lines)[-300:]}"
                    )
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AuditError(f"livekit-server was not up after {_SERVER_START_S:g} s") from None
    finally:
        ended.cancel()


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), 30.0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _free_ports() -> int:
    # The server takes this one, and for media the next but one.
    while True:
        with socket.socket() as one, socket.socket(type=socket.SOCK_DGRAM) as other:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                other.bind(("127.0.0.1", port + 2))
                return port


def _table(number: int, canary: Canary) -> str:
    # JSON's strings are TOML's, for what the canaries are made of.
    name = re.sub(r"[^a-z0-9]+", "-", canary.owner.lower()).strip("-") or f"canary-{number}"
    return (
        f"[{name}]\nlabel = {json.dumps(canary.label)}\nvalue = {json.dumps(canary.value)}\n"
        f'kind = "{canary.kind}"\n\n'
    )
