"""Somebody else in the room who keeps all that reaches them; it must never drop a topic.

LiveKit's client hands a stream to the handler of its topic and drops the others unseen, so this one
stands in for the handler of every topic.
"""

from __future__ import annotations

import asyncio
import base64
import os
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livekit import api, rtc
from livekit.rtc.data_stream import StreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from offmic.audit.stage import Server


@dataclass(frozen=True)
class Got:
    """One thing that reached the bystander.

    Args:
        channel: `text`, `bytes`, `data`, `transcription`, `attributes`, `metadata` or `rpc`.
        topic: of the stream or packet, empty where there is none.
        sender: the identity it came from.
        text: all of it.
    """

    channel: str
    topic: str
    sender: str
    text: str


@dataclass
class Bystander:
    """A participant of one's own making in the room."""

    room: rtc.Room
    got: list[Got] = field(default_factory=list)
    _reading: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def everything(self) -> str:
        """All that came, a line each."""
        return "\n".join(f"{g.channel} {g.topic} {g.sender} {g.text}" for g in self.got)

    def on_topic(self, topic: str) -> list[Got]:
        """Return what came on this topic."""
        return [g for g in self.got if g.topic == topic]

    def listen(self) -> None:
        """Keep all that comes from now on."""
        room = self.room
        room._text_stream_handlers = _EveryTopic(self._on_text)  # noqa: SLF001 - see the module
        room._byte_stream_handlers = _EveryTopic(self._on_bytes)  # noqa: SLF001
        room.on("data_received", self._on_data)
        room.on("transcription_received", self._on_transcription)
        room.on("participant_attributes_changed", self._on_attributes)
        room.on("participant_metadata_changed", self._on_metadata)
        room.on("room_metadata_changed", lambda _, new: self._keep("metadata", "", "", new))

    def _keep(self, channel: str, topic: str, sender: str, text: str) -> None:
        self.got.append(Got(channel, topic, sender, text))

    def _on_text(self, reader: rtc.TextStreamReader, sender: str) -> None:
        async def read() -> None:
            with suppress(StreamError):  # of a room that is being left
                text = await reader.read_all()
                info = reader.info
                self._keep("text", info.topic, sender, f"{text} {info.attributes}")

        self._start(read())

    def _on_bytes(self, reader: rtc.ByteStreamReader, sender: str) -> None:
        async def read() -> None:
            with suppress(StreamError):
                content = b"".join([chunk async for chunk in reader])
                self._keep("bytes", reader.info.topic, sender, content.decode("utf-8", "replace"))

        self._start(read())

    def _on_data(self, packet: rtc.DataPacket) -> None:
        sender = packet.participant.identity if packet.participant else ""
        self._keep("data", packet.topic or "", sender, packet.data.decode("utf-8", "replace"))

    def _on_transcription(
        self, segments: list[rtc.TranscriptionSegment], who: rtc.Participant | None, _: Any
    ) -> None:
        for segment in segments:
            self._keep("transcription", "", who.identity if who else "", segment.text)

    def _on_attributes(self, changed: dict[str, str], who: rtc.Participant) -> None:
        self._keep("attributes", "", who.identity, repr(changed))

    def _on_metadata(self, who: rtc.Participant, _: str, new: str) -> None:
        self._keep("metadata", "", who.identity, new)

    def _start(self, reading: Any) -> None:
        task = asyncio.ensure_future(reading)
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)


@asynccontextmanager
async def bystander(
    sfu: Server, room: str, identity: str = "bystander", *, hidden: bool = False, key: bool = True
) -> AsyncIterator[Bystander]:
    """Join a room and keep what comes.

    Args:
        sfu: the server.
        room: its name.
        identity: who to be.
        hidden: join unseen by the others.
        key: announce a receiver's key, so that only the address keeps this one from a secret.
    """
    attributes = {"offmic.key": base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")}
    token = (
        api.AccessToken(sfu.api_key, sfu.api_secret)
        .with_identity(identity)
        .with_attributes(attributes if key else {})
        .with_grants(
            api.VideoGrants(room_join=True, room=room, hidden=hidden, can_update_own_metadata=True)
        )
    )
    one = Bystander(rtc.Room())
    one.listen()
    await one.room.connect(sfu.url, token.to_jwt())
    try:
        yield one
    finally:
        await one.room.disconnect()
        for task in tuple(one._reading):  # noqa: SLF001 - the same module
            task.cancel()


class _EveryTopic(dict[str, Any]):
    """Gives the same handler for whatever topic is asked for."""

    def __init__(self, handler: Callable[..., None]) -> None:
        super().__init__()
        self._handler = handler

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ARG002 - as a dict has it
        return self._handler
