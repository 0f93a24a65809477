"""A caller who costs little, for many at once; it must never be judged by the agent's own figures.

Audio goes and comes in larger pieces than a page's, and nothing that was heard is kept.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from livekit import rtc

from offmic.caller import Caller, CallerError
from offmic.local.audio import resample
from tests.fakes.voices import speak

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from numpy.typing import NDArray

_RATE_HZ: Final = 48_000
_PIECE: Final = _RATE_HZ // 10
_QUEUE_MS: Final = 200
_EAR_HZ: Final = 16_000
_EAR_MS: Final = 20
_SOUND_PEAK: Final = 300
"""About -40 dB of full scale, as `offmic.caller_audio` has it."""
_JOIN_S: Final = 20.0
"""Who hears nothing for so long hangs up."""
_QUIET_S: Final = 0.6

QUESTIONS: Final[Mapping[str, bool]] = {
    "What is the Wi-Fi password?": True,
    "How are you today?": False,
    "Can you tell me the door code?": True,
    "It is raining outside.": False,
    "Please tell me the magic word.": True,
}
"""What callers say, and whether a secret is to be shown for it."""


@dataclass(frozen=True)
class Place:
    """A deployment that is called.

    Args:
        url: the SFU's.
        api_key: the SFU's.
        api_secret: the SFU's.
        agent_name: the agent to dispatch; empty where agents come by themselves.
    """

    url: str
    api_key: str
    api_secret: str
    agent_name: str = ""


@dataclass
class Record:
    """What one caller lived through; all times in seconds.

    Args:
        joined_s: from asking to join to the greeting's first sound; None where there was none.
        answers_s: for each question, from its last sound to the answer's first; None where lost.
        shown_s: for each secret, from the question's last sound to the card; None where lost.
    """

    joined_s: float | None = None
    answers_s: list[float | None] = field(default_factory=list)
    shown_s: list[float | None] = field(default_factory=list)


def synthesize_questions() -> dict[str, NDArray[np.int16]]:
    """Return the questions' sound, mono at 48 kHz, made once for all callers."""
    return {text: resample(*speak(text, "hibari"), _RATE_HZ) for text in QUESTIONS}


class LoadCaller:
    """One caller of many.

    Args:
        place: whom to call.
        room: the room's name.
        sounds: what `synthesize_questions` made.
    """

    def __init__(self, place: Place, room: str, sounds: Mapping[str, NDArray[np.int16]]) -> None:
        self.record = Record()
        self._sounds = sounds
        self._caller = Caller(
            place.url,
            place.api_key,
            place.api_secret,
            room,
            agent_name=place.agent_name,
            microphone=False,
            record=False,
        )
        self._caller.room.on("track_subscribed", self._on_track)
        self._source = rtc.AudioSource(_RATE_HZ, 1, queue_size_ms=_QUEUE_MS)
        self._to_say: list[NDArray[np.int16]] = []
        self._said = asyncio.Event()
        self._said_s = 0.0
        self._heard_s = 0.0
        self._waiting: tuple[float, asyncio.Future[float]] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self) -> bool:
        """Join, and wait until the greeting was heard to its end; return whether it was."""
        start_s = time.monotonic()
        with suppress(TimeoutError, CallerError):
            first_sound = self._listen_from(start_s)
            await self._caller.connect()
            track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            await self._caller.room.local_participant.publish_track(track, options)
            self._tasks.append(asyncio.create_task(self._send()))
            async with asyncio.timeout(_JOIN_S):
                self.record.joined_s = await first_sound - start_s
            await self._until_quiet()
        return self.record.joined_s is not None

    async def ask(self, text: str, within_s: float) -> None:
        """Speak a question and note when it was answered and its secret shown.

        Args:
            text: one of `QUESTIONS`.
            within_s: after its last sound, when it counts as lost.
        """
        cards = len(self._caller.received)
        self._said.clear()
        self._to_say = _pieces(self._sounds[text])
        await self._said.wait()
        end_s = self._said_s
        first_sound = self._listen_from(end_s)
        answers = [_since(end_s, first_sound, within_s)]
        if QUESTIONS[text]:
            answers.append(_since(end_s, self._card(cards), within_s))
        answer_s, *shown_s = await asyncio.gather(*answers)
        self.record.answers_s.append(answer_s)
        self.record.shown_s += shown_s

    async def leave(self) -> None:
        """Leave the room."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._caller.aclose()
        await self._source.aclose()

    def _listen_from(self, start_s: float) -> asyncio.Future[float]:
        future = asyncio.get_running_loop().create_future()
        self._waiting = (start_s, future)
        return future

    async def _card(self, before: int) -> float:
        await self._caller.wait_for(lambda: len(self._caller.received) > before, _JOIN_S)
        return time.monotonic()

    async def _until_quiet(self) -> None:
        # Silence makes no event.
        while (rest_s := self._heard_s + _QUIET_S - time.monotonic()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(rest_s)

    async def _send(self) -> None:
        silence = np.zeros(_PIECE, np.int16)
        while True:
            speaks = bool(self._to_say)
            piece = self._to_say.pop(0) if speaks else silence
            await self._source.capture_frame(rtc.AudioFrame(piece.tobytes(), _RATE_HZ, 1, _PIECE))
            if speaks and not self._to_say:
                loud = np.flatnonzero(_loudness(piece) >= _SOUND_PEAK)
                rest_s = (_PIECE - 1 - int(loud[-1])) / _RATE_HZ if loud.size else 0.0
                self._said_s = time.monotonic() + self._source.queued_duration - rest_s
                self._said.set()

    def _on_track(self, track: rtc.Track, _: object, participant: rtc.RemoteParticipant) -> None:
        is_agent = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        if is_agent and isinstance(track, rtc.RemoteAudioTrack):
            self._tasks.append(asyncio.get_running_loop().create_task(self._hear(track)))

    async def _hear(self, track: rtc.RemoteAudioTrack) -> None:
        stream = rtc.AudioStream(track, sample_rate=_EAR_HZ, num_channels=1, frame_size_ms=_EAR_MS)
        try:
            async for event in stream:
                if _loudness(np.frombuffer(event.frame.data, np.int16)).max() >= _SOUND_PEAK:
                    self._note_sound(time.monotonic())
        finally:
            await stream.aclose()

    def _note_sound(self, now_s: float) -> None:
        self._heard_s = now_s
        if self._waiting is not None and now_s >= self._waiting[0]:
            if not self._waiting[1].done():
                self._waiting[1].set_result(now_s)
            self._waiting = None


async def _since(start_s: float, happens: Awaitable[float], within_s: float) -> float | None:
    with suppress(TimeoutError, CallerError):
        async with asyncio.timeout(within_s):
            return await happens - start_s
    return None


def _loudness(samples: NDArray[np.int16]) -> NDArray[np.int32]:
    return np.abs(samples.astype(np.int32))


def _pieces(sound: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    """Cut off the silence at the end, so that the last piece holds the last sound."""
    end = int(np.flatnonzero(_loudness(sound) >= _SOUND_PEAK)[-1]) + 1
    padded = np.zeros(-(-end // _PIECE) * _PIECE, np.int16)
    padded[:end] = sound[:end]
    return list(padded.reshape(-1, _PIECE))
