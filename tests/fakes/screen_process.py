"""Starts, stops and kills a caller's screen in another process; none may outlive its test."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from tests.fakes.deliveries import VALUE
from tests.fakes.rooms import a_token
from tests.fakes.unreliable import Faults
from tests.fakes.waiting import eventually
from tests.fakes.worker import PROJECT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.sfu import Sfu

_START_TIMEOUT_S: Final = 30.0


class ScreenProcess:
    """One screen of one identity; `events` is all that it told, over all its lives.

    Each event has `life` (which process) and `connection` (which of its connections).
    """

    def __init__(self, sfu: Sfu, identity: str, faults: Faults, seed: int, *, speaks: bool) -> None:
        self.identity = identity
        self.events: list[dict[str, Any]] = []
        self._sfu = sfu
        self._faults = faults
        self._seed = seed
        self._speaks = speaks
        self._life = 0
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def cards(self) -> list[dict[str, Any]]:
        """Every card that came on this screen, in order."""
        return self.of("card")

    def of(self, event: str) -> list[dict[str, Any]]:
        """Return all events of this name."""
        return [e for e in self.events if e["event"] == event]

    async def start(self, faults: Faults | None = None) -> None:
        """Start a process and wait until it has announced its key."""
        self._faults = faults or self._faults
        self._life += 1
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.fakes.screen",
            cwd=PROJECT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read(self._process, self._life))
        order = {
            "url": self._sfu.url,
            "token": a_token(self._sfu, self.identity),
            "value": VALUE,
            "speaks": self._speaks,
            "seed": self._seed + self._life,
            "faults": asdict(self._faults),
        }
        await self._until("up", json.dumps(order))

    async def leave(self) -> None:
        """Leave the room as a page that is closed does."""
        await self._until("down", "leave")

    async def come_back(self) -> None:
        """Join again with another key."""
        await self._until("up", "return")

    async def calm(self) -> None:
        """End its faults."""
        self._faults = Faults()
        await self._until("calm", "calm")

    async def kill(self) -> None:
        """Kill the process; the SFU is told nothing."""
        if self._process is None or self._reading is None:
            return
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading
        self._process = None

    def freeze(self) -> None:
        """Stop the process where it is; what is sent to it waits."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    async def _until(self, event: str, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        before = len(self.of(event))
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()
        await eventually(
            lambda: len(self.of(event)) > before, _START_TIMEOUT_S, f"the screen is {event}"
        )

    async def _read(self, process: asyncio.subprocess.Process, life: int) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            # The last line of a process that was killed may be half a line.
            if line.endswith(b"\n"):
                self.events.append({**json.loads(line), "life": life})


@asynccontextmanager
async def screen_process(
    sfu: Sfu,
    identity: str = "ann",
    faults: Faults | None = None,
    seed: int = 0,
    *,
    speaks: bool = False,
) -> AsyncIterator[ScreenProcess]:
    """Run a screen for the length of a `with` block; one that speaks publishes a microphone."""
    screen = ScreenProcess(sfu, identity, faults or Faults(), seed, speaks=speaks)
    try:
        await screen.start()
        yield screen
    finally:
        await screen.kill()
