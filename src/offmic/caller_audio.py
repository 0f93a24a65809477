"""A caller's microphone and ear: plays samples into a room, keeps what is heard with its times.

It must never stop sending silence while a caller is quiet: a real microphone does not either.
"""

from __future__ import annotations

import asyncio
import time
import wave
from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np
from livekit import rtc

from offmic.errors import OffmicError
from offmic.local.audio import resample

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

EAR_HZ: Final = 24_000
_MICROPHONE_HZ: Final = 48_000
_FRAME_SAMPLES: Final = _MICROPHONE_HZ // 50
_QUEUE_MS: Final = 100
_EAR_FRAME_MS: Final = 10
_SOUND_PEAK: Final = 300
"""About -40 dB of full scale: above the codec's noise, below the softest beginning of a word."""


class AudioFileError(OffmicError):
    """A WAV file cannot be played; the message names the file."""


class Microphone:
    """A published audio track that is silent until something is played."""

    def __init__(self) -> None:
        self._source = rtc.AudioSource(_MICROPHONE_HZ, 1, queue_size_ms=_QUEUE_MS)
        self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        self._frames: deque[NDArray[np.int16]] = deque()
        self._played: asyncio.Future[float] | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def publish(self, room: rtc.Room) -> None:
        """Publish the track and start to send."""
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await room.local_participant.publish_track(self._track, options)
        self._task = asyncio.get_running_loop().create_task(self._send())

    async def play(self, samples: NDArray[np.int16], sample_rate: int) -> float:
        """Play mono samples to their end.

        Args:
            samples: what to play.
            sample_rate: in Hz.

        Returns:
            When its last sound left, in seconds of the monotonic clock; silence after it in the
            samples does not count.
        """
        audio = resample(samples, sample_rate, _MICROPHONE_HZ)
        loud = np.flatnonzero(np.abs(audio.astype(np.int32)) >= _SOUND_PEAK)
        quiet_s = (audio.size - 1 - int(loud[-1])) / _MICROPHONE_HZ if loud.size else 0.0
        self._played = asyncio.get_running_loop().create_future()
        for start in range(0, max(audio.size, 1), _FRAME_SAMPLES):
            frame = np.zeros(_FRAME_SAMPLES, np.int16)
            part = audio[start : start + _FRAME_SAMPLES]
            frame[: part.size] = part
            self._frames.append(frame)
        return await self._played - quiet_s

    async def aclose(self) -> None:
        """Stop to send, after the frame that is on its way."""
        self._closed = True
        if self._task is not None:
            await self._task
        await self._source.aclose()

    async def _send(self) -> None:
        silence = np.zeros(_FRAME_SAMPLES, np.int16)
        while not self._closed:
            playing = bool(self._frames)
            samples = self._frames.popleft() if playing else silence
            await self._source.capture_frame(
                rtc.AudioFrame(samples.tobytes(), _MICROPHONE_HZ, 1, _FRAME_SAMPLES)
            )
            if playing and not self._frames and self._played and not self._played.done():
                self._played.set_result(time.monotonic() + self._source.queued_duration)


class Ear:
    """Keeps the agent's audio, each frame with the time at which it came."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._frames: list[NDArray[np.int16]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def samples(self) -> NDArray[np.int16]:
        """All that was heard: mono, `EAR_HZ`."""
        return np.concatenate(self._frames) if self._frames else np.zeros(0, np.int16)

    def listen(self, track: rtc.RemoteAudioTrack) -> None:
        """Keep this track from now on."""
        task = asyncio.get_running_loop().create_task(self._keep(track))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def heard_since(self, start_s: float) -> NDArray[np.int16]:
        """Return what came since a time of the monotonic clock: mono, `EAR_HZ`."""
        frames = [
            frame for at_s, frame in zip(self._times, self._frames, strict=True) if at_s >= start_s
        ]
        return np.concatenate(frames) if frames else np.zeros(0, np.int16)

    def first_sound_after(self, start_s: float) -> float | None:
        """Return when the first sound after a time came, None where there was none.

        Args:
            start_s: in seconds of the monotonic clock, as is what is returned.
        """
        for at_s, frame in zip(self._times, self._frames, strict=True):
            if at_s >= start_s and _is_sound(frame):
                return at_s
        return None

    def sounds_since(self, start_s: float) -> list[float]:
        """Return when something was heard since a time, each 10 ms, on the monotonic clock."""
        return [
            at_s
            for at_s, frame in zip(self._times, self._frames, strict=True)
            if at_s >= start_s and _is_sound(frame)
        ]

    async def aclose(self) -> None:
        """Keep nothing more; what was heard stays."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, track: rtc.RemoteAudioTrack) -> None:
        stream = rtc.AudioStream(
            track, sample_rate=EAR_HZ, num_channels=1, frame_size_ms=_EAR_FRAME_MS
        )
        try:
            async for event in stream:
                self._times.append(time.monotonic())
                self._frames.append(np.frombuffer(event.frame.data, np.int16).copy())
        finally:
            await stream.aclose()


def _is_sound(frame: NDArray[np.int16]) -> bool:
    return int(np.abs(frame.astype(np.int32)).max()) >= _SOUND_PEAK


def read_wav(path: Path) -> tuple[NDArray[np.int16], int]:
    """Return the mono samples of a WAV file, channels mixed, and their rate in Hz.

    Raises:
        AudioFileError: not there, or not 16-bit PCM.
    """
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate = (
                file.getsampwidth(),
                file.getnchannels(),
                file.getframerate(),
            )
            content = file.readframes(file.getnframes())
    except OSError as error:
        raise AudioFileError(f"{path}: {error.strerror or 'cannot be read'}") from None
    except (wave.Error, EOFError):
        raise AudioFileError(f"{path}: not a WAV file; convert it to 16-bit PCM") from None
    if width != np.dtype(np.int16).itemsize:
        raise AudioFileError(f"{path}: {8 * width} bits a sample; convert it to 16-bit PCM")
    samples = np.frombuffer(content, "<i2").reshape(-1, channels)
    return samples.mean(axis=1).astype(np.int16), rate


def write_wav(path: Path, samples: NDArray[np.int16], sample_rate: int) -> None:
    """Write mono samples as a 16-bit PCM WAV file.

    Raises:
        AudioFileError: the file cannot be written.
    """
    try:
        with path.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(sample_rate)
            file.writeframes(samples.astype("<i2").tobytes())
    except OSError as error:
        raise AudioFileError(f"{path}: {error.strerror or 'cannot be written'}") from None
