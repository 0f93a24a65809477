"""A caller in a room, as a library: speaks, types, and keeps what comes back.

It stands where a person with the page would; it must never listen to what is not sent to it.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from livekit import rtc

from offmic.caller_audio import Ear, Microphone, read_wav
from offmic.caller_token import make_token
from offmic.delivery.channel import TOPIC_CHAT
from offmic.errors import OffmicError
from offmic.receiver import Receiver, SecretReceived

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")

TOPIC_TRANSCRIPTION: Final = "lk.transcription"
_FINAL: Final = "lk.transcription_final"
_STATE: Final = "lk.agent.state"
_QUIET: Final = ("listening", "idle")
_CONNECT_TIMEOUT_S: Final = 5.0
_SUCCESSOR_S: Final = 10.0
"""So long a call goes on without an agent: another one may take the place of one that died."""


class CallerError(OffmicError):
    """The call could not be made, or ended by itself."""


class Caller:
    """One participant of a room.

    `events` holds what happened, each a dictionary with `event` (`transcript`, `secret`, `spoke`,
    `state`, `error`), `t` (seconds since joining) and more; `received` the secrets.

    Args:
        url: the SFU's.
        api_key: the SFU's.
        api_secret: the SFU's.
        room: the room's name.
        identity: who to be; made up where it is not given.
        agent_name: the agent to dispatch into a new room; empty where agents come by themselves.
        receiver: announce a key and take secrets; a plain client has none.
        microphone: publish a track; silent until something is said.
        hidden: be unseen by the others.
        record: keep the agent's audio.
        on_event: called with each event as it happens, on the event loop.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        api_secret: str,
        room: str,
        *,
        identity: str | None = None,
        agent_name: str = "",
        receiver: bool = True,
        microphone: bool = True,
        hidden: bool = False,
        record: bool = True,
        on_event: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self.identity = identity or f"caller-{secrets.token_hex(2)}"
        self.events: list[dict[str, Any]] = []
        self.received: list[SecretReceived] = []
        self.joined_s = 0.0
        self.speech_end_s = 0.0
        self.ear = Ear()
        self.room = rtc.Room()
        self._url = url
        self._receiver = Receiver(self.room, self._on_secret) if receiver else None
        self._token = make_token(
            api_key,
            api_secret,
            room,
            self.identity,
            agent_name,
            hidden=hidden,
            key=self._receiver.key if self._receiver is not None else None,
        )
        self._microphone = Microphone() if microphone else None
        self._record = record
        self._on_event = on_event
        self._changed = asyncio.Event()
        self._state_s = 0.0
        self._ended = ""
        self._without_agent: asyncio.TimerHandle | None = None
        self._streams: dict[str, asyncio.Queue[rtc.TextStreamReader]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def agent(self) -> rtc.RemoteParticipant | None:
        """The agent in the room, None before it came."""
        for participant in self.room.remote_participants.values():
            if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
                return participant
        return None

    @property
    def state(self) -> str:
        """What the agent does: `initializing`, `listening`, `thinking`, `speaking`, or empty."""
        return self.agent.attributes.get(_STATE, "") if self.agent else ""

    @property
    def transcripts(self) -> list[tuple[str, str]]:
        """The final lines so far: who (`you`, `agent` or an identity) and what."""
        return [(e["who"], e["text"]) for e in self.events if e["event"] == "transcript"]

    @property
    def agent_audio(self) -> NDArray[np.int16]:
        """What the agent was heard to say: mono, `offmic.caller_audio.EAR_HZ`."""
        return self.ear.samples

    async def connect(self) -> None:
        """Join the room.

        Raises:
            CallerError: the SFU does not answer or refuses.
        """
        self.room.on("participant_connected", self._on_participant)
        self.room.on("participant_disconnected", self._on_left)
        self.room.on("participant_attributes_changed", self._on_attributes)
        self.room.on("track_subscribed", self._on_track)
        self.room.on("disconnected", self._on_disconnected)
        self.room.register_text_stream_handler(TOPIC_TRANSCRIPTION, self._on_transcription)
        self.room.register_text_stream_handler(TOPIC_CHAT, self._on_chat)
        options = rtc.RoomOptions(connect_timeout=_CONNECT_TIMEOUT_S)
        try:
            await self.room.connect(self._url, self._token, options)
        except rtc.ConnectError:
            raise CallerError(
                "cannot join the room: check LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
            ) from None
        self.joined_s = time.monotonic()
        if self._receiver is not None:
            await self._receiver.start()
        if self._microphone is not None:
            await self._microphone.publish(self.room)
        if self.state:
            self._note_state()

    async def aclose(self) -> None:
        """Leave the room."""
        self.room.off("disconnected", self._on_disconnected)
        self._stop_waiting_for_agent()
        if self._microphone is not None:
            await self._microphone.aclose()
        if self._receiver is not None:
            await self._receiver.aclose()
        await self.ear.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()

    async def say(self, text: str) -> None:
        """Speak a text with the on-device voice, to its end."""
        # Late: the voice takes a while to load and few need it.
        from offmic.local.audio import synthesize

        samples, sample_rate = await asyncio.to_thread(synthesize, text)
        await self.play_samples(samples, sample_rate, said=text)

    async def play(self, path: Path) -> None:
        """Play a WAV file into the microphone, to its end."""
        samples, sample_rate = await asyncio.to_thread(read_wav, path)
        await self.play_samples(samples, sample_rate, said=path.name)

    async def play_samples(
        self, samples: NDArray[np.int16], sample_rate: int, said: str = ""
    ) -> None:
        """Play mono samples into the microphone, to their end; `speech_end_s` is set then.

        Args:
            samples: what to play.
            sample_rate: in Hz.
            said: what stands in the event.
        """
        if self._microphone is None:
            raise CallerError("this caller has no microphone: make it with microphone=True")
        self.speech_end_s = await self._microphone.play(samples, sample_rate)
        self._add("spoke", text=said, by="voice")

    async def type(self, text: str) -> None:
        """Type a text to the agent alone."""
        agent = self.agent
        if agent is None:
            raise CallerError("there is no agent in the room to type to")
        await self.room.local_participant.send_text(
            text, topic=TOPIC_CHAT, destination_identities=[agent.identity]
        )
        self.speech_end_s = time.monotonic()
        self._add("spoke", text=text, by="keyboard")

    async def wait_for(self, predicate: Callable[[], T], timeout_s: float) -> T:
        """Wait until `predicate()` is true; it is asked again after each event.

        Returns:
            What it returned.

        Raises:
            TimeoutError: it did not become true in time.
            CallerError: the agent left, or the connection ended.
        """
        async with asyncio.timeout(timeout_s):
            while not (result := predicate()):
                if self._ended:
                    raise CallerError(self._ended)
                self._changed.clear()
                await self._changed.wait()
        return result

    async def wait_for_agent(self, timeout_s: float) -> str:
        """Wait until an agent is in the room and listens; return its identity."""
        await self.wait_for(lambda: self.state not in ("", "initializing"), timeout_s)
        agent = self.agent
        return agent.identity if agent is not None else ""

    async def wait_until_idle(self, timeout_s: float, quiet_s: float = 1.0) -> None:
        """Wait until the agent has been neither thinking nor speaking for a while.

        Args:
            timeout_s: in seconds, for the whole.
            quiet_s: how long it has to be quiet, in seconds.
        """
        async with asyncio.timeout(timeout_s):
            while True:
                await self.wait_for(lambda: self.state in _QUIET, timeout_s)
                rest_s = self._state_s + quiet_s - time.monotonic()
                if rest_s <= 0:
                    return
                await asyncio.sleep(rest_s)

    async def wait_until_answered(self, since: int, timeout_s: float) -> None:
        """Wait until the agent has spoken and is quiet again.

        Args:
            since: the number of events there were before the question.
            timeout_s: in seconds, for the whole.
        """

        def has_answered() -> bool:
            events = self.events[since:]
            asked = next((i for i, e in enumerate(events) if e["event"] == "spoke"), None)
            if asked is None:
                return False
            return self.state == "speaking" or any(_is_speech(e) for e in events[asked:])

        async with asyncio.timeout(timeout_s):
            await self.wait_for(has_answered, timeout_s)
            await self.wait_until_idle(timeout_s)

    async def wait_until_over(self) -> None:
        """Wait until the agent leaves or the connection ends; a `CallerError` says which."""
        while not self._ended:
            self._changed.clear()
            await self._changed.wait()
        raise CallerError(self._ended)

    def has_spoken(self) -> bool:
        """Whether the agent said anything so far."""
        return any(_is_speech(event) for event in self.events)

    def report(self, problem: str) -> None:
        """Add an `error` to the events."""
        self._add("error", text=problem)

    def _add(self, event: str, **more: Any) -> None:
        entry = {"event": event, "t": round(time.monotonic() - self.joined_s, 3), **more}
        self.events.append(entry)
        if self._on_event is not None:
            self._on_event(entry)
        self._changed.set()

    def _note_state(self) -> None:
        self._state_s = time.monotonic()
        self._add("state", state=self.state)

    def _on_secret(self, secret: SecretReceived) -> None:
        self.received.append(secret)
        self._add(
            "secret",
            id=secret.id,
            label=secret.label,
            kind=secret.kind,
            ttl_s=secret.ttl_s,
            once=secret.once,
            value=secret.value,
        )

    def _on_participant(self, participant: rtc.RemoteParticipant) -> None:
        if participant.attributes.get(_STATE):
            self._note_state()
        self._changed.set()

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT and self.agent is None:
            self._stop_waiting_for_agent()
            loop = asyncio.get_running_loop()
            self._without_agent = loop.call_later(_SUCCESSOR_S, self._end_without_agent)

    def _stop_waiting_for_agent(self) -> None:
        if self._without_agent is not None:
            self._without_agent.cancel()

    def _end_without_agent(self) -> None:
        if self.agent is None and self.room.isconnected():
            self._end("the agent left the room")

    def _on_disconnected(self) -> None:
        self._end("the connection to the room ended")

    def _end(self, why: str) -> None:
        self._ended = why
        self._add("error", text=why)

    def _on_attributes(self, changed: dict[str, str], participant: rtc.Participant) -> None:
        if _STATE in changed and participant == self.agent:
            self._note_state()

    def _on_track(
        self,
        track: rtc.Track,
        _: rtc.RemoteTrackPublication,
        participant: rtc.RemoteParticipant,
    ) -> None:
        is_agent = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        if self._record and is_agent and isinstance(track, rtc.RemoteAudioTrack):
            self.ear.listen(track)

    def _on_transcription(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._enqueue(reader, identity)

    def _on_chat(self, reader: rtc.TextStreamReader, identity: str) -> None:
        self._enqueue(reader, identity)

    def _enqueue(self, reader: rtc.TextStreamReader, identity: str) -> None:
        # One reader for each speaker: several at once come out of order.
        if identity not in self._streams:
            self._streams[identity] = asyncio.Queue()
            self._tasks.append(asyncio.get_running_loop().create_task(self._read(identity)))
        self._streams[identity].put_nowait(reader)

    async def _read(self, identity: str) -> None:
        while True:
            reader = await self._streams[identity].get()
            try:
                text = await reader.read_all()
            except rtc.StreamError:
                continue
            is_chat = reader.info.topic == TOPIC_CHAT
            if text and (is_chat or (reader.info.attributes or {}).get(_FINAL) == "true"):
                more = {"topic": TOPIC_CHAT} if is_chat else {}
                self._add("transcript", who=self._name(identity), text=text, **more)

    def _name(self, identity: str) -> str:
        if identity == self.identity:
            return "you"
        agent = self.agent
        return "agent" if agent is not None and agent.identity == identity else identity


def _is_speech(event: dict[str, Any]) -> bool:
    return event.get("state") == "speaking" or event.get("who") == "agent"
