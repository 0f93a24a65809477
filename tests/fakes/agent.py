"""An agent without a brain: sets states, says lines and delivers what a test tells it to.

It stands where the worker's job would; it must never answer by itself.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from offmic.delivery import RoomChannel
from tests.fakes.rooms import joined

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from livekit import rtc

    from tests.fakes.sfu import Sfu


class FakeAgent:
    """A participant of kind AGENT with the attributes and streams of one."""

    def __init__(self, room: rtc.Room, caller: str) -> None:
        self.room = room
        self.typed: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.channel = RoomChannel(room, lambda: caller, plain_clients="refuse")
        self._reading: set[asyncio.Task[None]] = set()
        room.register_text_stream_handler("lk.chat", self._on_chat)

    async def be(self, state: str) -> None:
        await self.room.local_participant.set_attributes({"lk.agent.state": state})

    async def write(self, text: str, *, of: str = "", final: bool = True) -> None:
        """Put a line on `lk.transcription`: its own, or what it heard somebody say."""
        writer = await self.room.local_participant.stream_text(
            topic="lk.transcription",
            sender_identity=of or self.room.local_participant.identity,
            attributes={"lk.transcription_final": "true" if final else "false"},
        )
        await writer.write(text)
        await writer.aclose()

    async def answer(self, text: str) -> None:
        """Speak a line, as far as states and transcription show it."""
        await self.be("speaking")
        await self.write(text)
        await self.be("listening")

    def _on_chat(self, reader: rtc.TextStreamReader, identity: str) -> None:
        async def read() -> None:
            self.typed.put_nowait((identity, await reader.read_all()))

        task = asyncio.ensure_future(read())
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)


@asynccontextmanager
async def fake_agent(sfu: Sfu, caller: str, room: str) -> AsyncIterator[FakeAgent]:
    """Join a room as an agent for the length of a `with` block."""
    async with joined(sfu, "agent", kind="agent", room=room) as connected:
        agent = FakeAgent(connected, caller)
        try:
            yield agent
        finally:
            await agent.channel.aclose()
