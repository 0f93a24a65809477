"""Who asked: the one participant whose voice and typed words a session listens to.

What anyone else says or types must never reach the session.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from livekit import rtc
from livekit.agents.job import DEFAULT_PARTICIPANT_KINDS
from livekit.agents.types import TOPIC_CHAT
from livekit.agents.voice.room_io import TextInputEvent, TextInputOptions

from offmic.streams import read_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents import AgentSession

_log = logging.getLogger("offmic")

_SEEN_WAIT_S: Final = 3.0
"""A participant who publishes nothing appears to others up to 3 s late."""
_TYPED_LIMIT: Final = 4_000
_POLL_S: Final = 0.05


class Ear:
    """Listens to the first participant who publishes a microphone or types.

    Args:
        room: the room of the call, connected.
        session: the session that is to hear; started with this room.
        return_s: how long it waits for a participant who left, in seconds.
        on_gone: called once, when that time is over, or when nobody has been there for it.
        on_newcomer: called when the participant listened to came after others were greeted.
    """

    def __init__(
        self,
        room: rtc.Room,
        session: AgentSession[object],
        *,
        return_s: float,
        on_gone: Callable[[], None],
        on_newcomer: Callable[[], None],
    ) -> None:
        self._room = room
        self._session = session
        self._return_s = return_s
        self._on_gone = on_gone
        self._on_newcomer = on_newcomer
        self._greeted: set[str] = set()
        self._identity: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._typed: asyncio.Queue[tuple[rtc.TextStreamReader, str]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._text_input = TextInputOptions().text_input_cb

    @property
    def identity(self) -> str | None:
        """The identity of the participant who asked, None while there is none."""
        return self._identity

    def attach(self) -> None:
        """Begin to listen; whoever already publishes a microphone counts as the first."""
        self._room.on("track_published", self._on_track_published)
        self._room.on("participant_connected", self._on_participant_connected)
        self._room.on("participant_disconnected", self._on_participant_disconnected)
        self._room.register_text_stream_handler(TOPIC_CHAT, self._on_typed)
        task = asyncio.create_task(self._read_typed(), name="offmic_typed")
        self._tasks.add(task)
        self._greeted.update(self._room.remote_participants)
        for participant in self._room.remote_participants.values():
            for publication in participant.track_publications.values():
                self._on_track_published(publication, participant)
        self._watch_for_leaving()

    async def aclose(self) -> None:
        """Stop listening."""
        self._room.off("track_published", self._on_track_published)
        self._room.off("participant_connected", self._on_participant_connected)
        self._room.off("participant_disconnected", self._on_participant_disconnected)
        self._room.unregister_text_stream_handler(TOPIC_CHAT)
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def listen_to(self, identity: str) -> None:
        """Listen to this participant from now on: who asks next is who receives."""
        if self._identity == identity:
            return
        self._identity = identity
        self._session.room_io.set_participant(identity)
        self._watch_for_leaving()
        if identity not in self._greeted:
            self._greeted.add(identity)
            self._on_newcomer()
        _log.info("listening to a participant", extra={"participant": identity})

    def _on_track_published(
        self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if (
            self._identity is None
            and publication.source == rtc.TrackSource.SOURCE_MICROPHONE
            and participant.kind in DEFAULT_PARTICIPANT_KINDS
        ):
            self.listen_to(participant.identity)

    def _on_typed(self, reader: rtc.TextStreamReader, identity: str) -> None:
        if self._identity in (None, identity):
            self._typed.put_nowait((reader, identity))

    async def _read_typed(self) -> None:
        # One consumer: several streams can complete out of order, and answers must not.
        while True:
            reader, identity = await self._typed.get()
            participant = await self._wait_until_seen(identity)
            if participant is None or participant.kind not in DEFAULT_PARTICIPANT_KINDS:
                continue
            if self._identity is None:
                self.listen_to(identity)
            if identity != self._identity:
                continue
            text = await read_text(reader, _TYPED_LIMIT)
            if text is None:
                _log.warning("a typed message was too long or did not end, and was not read")
                self._session.say("I could not read that message. Please send a shorter one.")
            elif text.strip():
                event = TextInputEvent(text=text.strip(), info=reader.info, participant=participant)
                if (answer := self._text_input(self._session, event)) is not None:
                    await answer

    async def _wait_until_seen(self, identity: str) -> rtc.RemoteParticipant | None:
        deadline = asyncio.get_running_loop().time() + _SEEN_WAIT_S
        while (participant := self._room.remote_participants.get(identity)) is None:
            if asyncio.get_running_loop().time() >= deadline:
                return None
            await asyncio.sleep(_POLL_S)
        return participant

    def _on_participant_connected(self, participant: rtc.RemoteParticipant) -> None:
        if not self._greeted:
            self._greeted.add(participant.identity)  # the greeting waits for the first to come
        self._watch_for_leaving()

    def _on_participant_disconnected(self, _: rtc.RemoteParticipant) -> None:
        self._watch_for_leaving()

    def _watch_for_leaving(self) -> None:
        there = self._room.remote_participants
        present = self._identity in there if self._identity is not None else bool(there)
        if present and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        elif not present and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._return_s, self._on_gone)
