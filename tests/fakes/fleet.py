"""A fleet on loopback: Redis, an SFU, workers and watchers; nothing of it outlives its test."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import redis.asyncio
from livekit import api, rtc

from offmic.caller import Caller
from tests.fakes.desk import SETTINGS
from tests.fakes.redis_server import RedisServer, running_redis
from tests.fakes.sfu import Sfu, running_sfu
from tests.fakes.visitor import Visitor
from tests.fakes.waiting import eventually
from tests.fakes.worker import Worker, environment, running_worker, sfu_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


class PatientCaller(Caller):
    """A caller who stays when the agent is gone, and hears who comes next."""

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        self._add("left", who=participant.identity)

    def _on_attributes(self, changed: dict[str, str], participant: rtc.Participant) -> None:
        super()._on_attributes(changed, participant)
        if (state := changed.get("lk.agent.state")) and participant != self.room.local_participant:
            self._add("agent", who=participant.identity, does=state)

    async def next_words(self, since: int, within_s: float) -> float | None:
        """Return when the agent began to speak, in seconds since joining; None where it did not.

        Args:
            since: how many events there were before.
            within_s: how long to wait.
        """

        def found() -> float | None:
            for event in self.events[since:]:
                if event.get("state") == "speaking":
                    return float(event["t"])
            return None

        with suppress(TimeoutError):
            return await self.wait_for(found, within_s)
        return None


class PatientVisitor(Visitor):
    """A visitor who stays.

    Args:
        caller: connected.
    """

    caller: PatientCaller

    @property
    def now_s(self) -> float:
        """Seconds since joining, as the events count them."""
        return time.monotonic() - self.caller.joined_s

    @property
    def agents(self) -> list[str]:
        """The identities of the agents that the caller sees in the room."""
        return [
            one.identity
            for one in self.caller.room.remote_participants.values()
            if one.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        ]

    async def back_after(self, since: int, since_s: float, within_s: float = 20) -> float | None:
        """Return how long it took until an agent spoke again, in seconds; None where none did.

        Args:
            since: how many events there were when the agent was lost.
            since_s: when that was.
            within_s: how long to wait.
        """
        spoke_s = await self.caller.next_words(since, within_s)
        if spoke_s is None:
            return None
        await self.caller.wait_until_idle(within_s)
        return spoke_s - since_s


@asynccontextmanager
async def patient_visitor(
    sfu: Sfu, room: str, identity: str = "visitor", *, speaks: bool = True
) -> AsyncIterator[PatientVisitor]:
    """Join a room with a receiver; an agent that leaves does not end it.

    Args:
        sfu: where.
        room: its name.
        identity: who to be.
        speaks: with a microphone, and ears; else what is asked is typed.
    """
    caller = PatientCaller(
        sfu.url,
        sfu.api_key,
        sfu.api_secret,
        room,
        identity=identity,
        microphone=speaks,
        record=speaks,
    )
    try:
        await caller.connect()
        yield PatientVisitor(caller)
    finally:
        await caller.aclose()


class Watch:
    """`offmic watch` in a process of its own.

    Args:
        settings: what is set in its environment.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="offmic-watch-")
        with (Path(self._folder.name) / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).parent / "offmic"), "watch"],
                cwd=self._folder.name,
                env=environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """What it wrote so far."""
        return (Path(self._folder.name) / "output").read_text(errors="replace")

    async def ready(self) -> None:
        """Wait until it watches."""
        await eventually(lambda: "watching" in self.output, 30, "offmic watch")

    def kill(self) -> None:
        """End it without a word."""
        self._process.kill()

    async def stop(self) -> int:
        """End it as a user does, and return its exit code."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(self._process.wait, 20)
        self._folder.cleanup()
        return code


@dataclass
class Fleet:
    """What runs.

    Args:
        redis: where they agree.
        nodes: of the SFU.
        workers: each registered.
        watchers: each watching.
    """

    redis: RedisServer
    nodes: list[Sfu]
    workers: list[Worker] = field(default_factory=list)
    watchers: list[Watch] = field(default_factory=list)

    @property
    def sfu(self) -> Sfu:
        """The node that outlives the others: callers and watchers use it."""
        return self.nodes[-1]

    async def host_of(self, room: str) -> str:
        """Return the id of the node that hosts a room."""
        client = redis.asyncio.Redis.from_url(self.redis.url, decode_responses=True)
        try:
            return str(await _answer(client.hget("room_node_map", room)))
        finally:
            await client.aclose()

    async def room_on(self, node: Sfu, name: str) -> str:
        """Make a room that this node hosts, and return its name.

        Args:
            node: one of several.
            name: what its name begins with.
        """
        async with self._livekit() as livekit:
            for attempt in range(20):
                room = f"{name}-{attempt}"
                await livekit.room.create_room(api.CreateRoomRequest(name=room))
                if await self.host_of(room) == node.node_id:
                    return room
        raise AssertionError("no room came to this node")

    async def add_watcher(self) -> Watch:
        """Start a watcher and wait until it watches."""
        watch = Watch(self.settings())
        self.watchers.append(watch)
        await watch.ready()
        return watch

    def settings(self, node: Sfu | None = None) -> dict[str, str]:
        """Return the settings of one who belongs to it."""
        return {
            **SETTINGS,
            **sfu_settings(node or self.sfu),
            "OFFMIC_REDIS_URL": self.redis.url,
            "OFFMIC_RETURN_S": "1",  # a worker that is to end waits for its calls
        }

    def serving(self, room: str) -> tuple[Worker, int]:
        """Return the worker that serves a room, and the process id of the newest job."""
        found: list[tuple[Worker, int]] = []
        for worker in self.workers:
            alive = {process.pid for process in worker.processes()}
            for line in worker.output.splitlines():
                pid = re.search(r'"pid": (\d+)', line)
                if pid and f'"room": "{room}"' in line and int(pid[1]) in alive - {worker.pid}:
                    found.append((worker, int(pid[1])))
        assert found, f"nobody serves {room}"
        return found[-1]

    async def agents(self, room: str) -> list[str]:
        """Return the identities of the agents that are in a room."""
        async with self._livekit() as livekit:
            found = await livekit.room.list_participants(api.ListParticipantsRequest(room=room))
        return [p.identity for p in found.participants if p.kind == api.ParticipantInfo.Kind.AGENT]

    def _livekit(self) -> api.LiveKitAPI:
        return api.LiveKitAPI(
            self.sfu.url.replace("ws", "http"), self.sfu.api_key, self.sfu.api_secret
        )


@asynccontextmanager
async def running_fleet(
    *,
    workers: int = 2,
    watchers: int = 1,
    nodes: int = 1,
    settings: Mapping[str, str] | None = None,
    command: tuple[str, ...] = ("start", "--log-level", "DEBUG", "--drain-timeout", "6"),
) -> AsyncIterator[Fleet]:
    """Run a fleet.

    Args:
        workers: how many; spread over the nodes.
        watchers: how many.
        nodes: of the SFU.
        settings: of the workers, beside those that make them a fleet.
        command: the words after `main.py`.
    """
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(running_redis())
        first = await stack.enter_async_context(running_sfu(redis.port if nodes > 1 else 0))
        fleet = Fleet(redis, [first])
        for _ in range(nodes - 1):
            fleet.nodes.append(
                await stack.enter_async_context(running_sfu(redis.port, first.api_secret))
            )
        for position in range(workers):
            node = fleet.nodes[position % nodes]
            more = fleet.settings(node) | dict(settings or {})
            fleet.workers.append(
                await stack.enter_async_context(running_worker(node, more, command))
            )
        try:
            for _ in range(watchers):
                await fleet.add_watcher()
            yield fleet
        finally:
            for watch in fleet.watchers:
                await watch.stop()


def kill(pid: int) -> None:
    """End a process without a word."""
    os.kill(pid, signal.SIGKILL)


async def _answer(asked: Any) -> Any:
    # The client's types leave open whether it is the asynchronous one.
    return await asked
