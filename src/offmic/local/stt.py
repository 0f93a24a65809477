"""Speech recognition on the device as a plugin of the framework; no audio leaves the process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Never, TypeVar

import numpy as np
from livekit import rtc
from livekit.agents import APIError, stt
from livekit.agents.language import LanguageCode
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    NotGivenOr,
)
from livekit.agents.utils import shortuuid

import offmic.local.plugin  # noqa: F401 (registers the plugin)
from offmic.errors import OffmicError
from offmic.local import engines
from offmic.local.utterance import Heard, Utterance

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.agents.utils import AudioBuffer
    from numpy.typing import NDArray

_LANGUAGE: Final = "en"
_END_S: Final = 0.8
_LONGEST_PAUSE_S: Final = 3.0
"""Longer than any turn is waited for: what is flushed must be all of it."""
_BEHIND: Final = 10
"""With so many frames to be heard yet, more interim words would only make the final ones late."""
_NOISE_S: Final = 2.0
"""So long may a noise go on before it is forgotten."""

_T = TypeVar("_T")


class STT(stt.STT[Never]):
    """Moonshine tiny-en: English, one model a process for all streams.

    A final transcript comes at the framework's flush, at the end of a turn, or after some quiet
    where nobody flushes; a preflight transcript after 100 ms of quiet.
    """

    def __init__(self) -> None:
        self.is_flushed = False
        """Whether each end of a turn flushes: then a pause, however long, ends nothing."""
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True,
                interim_results=True,
                offline_recognize=True,
                manual_flush=True,
            )
        )

    @property
    def model(self) -> str:
        """The model's name, for metrics."""
        return "moonshine-tiny-en"

    @property
    def provider(self) -> str:
        """The provider's name, for metrics."""
        return "local"

    def prewarm(self) -> None:
        """Load the model.

        Raises:
            MissingPartError: when the recogniser is not installed.
        """
        engines.load(["stt"])

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,  # noqa: ARG002 (the model knows English alone)
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> LocalStream:
        """Open a stream of recognition; its task starts at once."""
        return LocalStream(self, conn_options)

    async def _recognize_impl(
        self,
        buffer: AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,  # noqa: ARG002 (the model knows English alone)
        conn_options: APIConnectOptions,  # noqa: ARG002 (nothing is connected to)
    ) -> stt.SpeechEvent:
        frame = rtc.combine_audio_frames(buffer)
        samples = _to_mono(frame)
        text = ""
        if await _in_thread(engines.holds_speech, samples, frame.sample_rate):
            text = await _in_thread(engines.transcribe, samples, frame.sample_rate)
        return _event(stt.SpeechEventType.FINAL_TRANSCRIPT, shortuuid(), text, 0.0, frame.duration)


class LocalStream(stt.RecognizeStream):
    """One caller's audio; listens only while it is loud enough to be speech.

    Args:
        parent: whose stream this is.
        conn_options: the framework's.
    """

    def __init__(self, parent: STT, conn_options: APIConnectOptions) -> None:
        self._end_s = _LONGEST_PAUSE_S if parent.is_flushed else _END_S
        super().__init__(stt=parent, conn_options=conn_options)

    async def _run(self) -> None:
        utterance: Utterance | None = None
        self._begin()
        async for item in self._input_ch:
            if isinstance(item, self._FlushSentinel):
                if utterance is not None:
                    await self._finish(utterance)
                continue
            if utterance is None:
                utterance = Utterance(item.sample_rate, self._end_s)
            for heard in utterance.push(_to_mono(item)):
                if heard in (Heard.ENDED, Heard.FILLED):
                    await self._finish(utterance)
                elif heard is Heard.PAUSED or not self._is_late:
                    await self._listen(utterance, heard)

    @property
    def _is_late(self) -> bool:
        """Whether words are known and newer ones would hold up what is to be heard yet."""
        return bool(self._text) and self._input_ch.qsize() >= _BEHIND

    def _begin(self) -> None:
        self._request_id = shortuuid()
        self._is_speech = False
        self._text = ""

    async def _listen(self, utterance: Utterance, heard: Heard) -> None:
        """Send what was said so far; forget it when it was only noise."""
        said_before = self._text
        await self._recognise(utterance.samples, utterance.sample_rate)
        if not self._is_speech:
            if heard is Heard.PAUSED or utterance.samples.size > _NOISE_S * utterance.sample_rate:
                utterance.drop()
            return
        if self._text and not said_before:
            self._send(stt.SpeechEventType.START_OF_SPEECH, utterance.span_s)
        if self._text and heard is Heard.PAUSED:
            self._send(stt.SpeechEventType.PREFLIGHT_TRANSCRIPT, utterance.span_s)
        elif self._text != said_before:
            self._send(stt.SpeechEventType.INTERIM_TRANSCRIPT, utterance.span_s)

    async def _finish(self, utterance: Utterance) -> None:
        """Send the final words of an utterance, if any is open and holds speech."""
        if not utterance.is_open:
            return
        was_sent, span_s, is_known = bool(self._text), utterance.span_s, utterance.is_paused
        samples = utterance.take()
        if not is_known:
            await self._recognise(samples, utterance.sample_rate)
        if self._text or was_sent:
            if not was_sent:
                self._send(stt.SpeechEventType.START_OF_SPEECH, span_s)
            self._send(stt.SpeechEventType.FINAL_TRANSCRIPT, span_s)
            self._send(stt.SpeechEventType.END_OF_SPEECH, span_s)
            self._event_ch.send_nowait(
                stt.SpeechEvent(
                    type=stt.SpeechEventType.RECOGNITION_USAGE,
                    request_id=self._request_id,
                    recognition_usage=stt.RecognitionUsage(
                        audio_duration=samples.size / utterance.sample_rate
                    ),
                )
            )
        self._begin()

    async def _recognise(self, samples: NDArray[np.int16], sample_rate: int) -> None:
        if not self._is_speech:
            self._is_speech = await _in_thread(engines.holds_speech, samples, sample_rate)
        if self._is_speech:
            self._text = await _in_thread(engines.transcribe, samples, sample_rate)

    def _send(self, kind: stt.SpeechEventType, span_s: tuple[float, float]) -> None:
        offset_s = self.start_time_offset
        self._event_ch.send_nowait(
            _event(kind, self._request_id, self._text, span_s[0] + offset_s, span_s[1] + offset_s)
        )


async def _in_thread(
    work: Callable[[NDArray[np.int16], int], _T], samples: NDArray[np.int16], sample_rate: int
) -> _T:
    try:
        return await asyncio.to_thread(work, samples, sample_rate)
    except OffmicError as error:
        # The framework's own kind of error, which its fallback and its restart know.
        raise APIError(str(error)) from error


def _event(
    kind: stt.SpeechEventType, request_id: str, text: str, start_s: float, end_s: float
) -> stt.SpeechEvent:
    words = stt.SpeechData(
        language=LanguageCode(_LANGUAGE), text=text, start_time=start_s, end_time=end_s
    )
    return stt.SpeechEvent(type=kind, request_id=request_id, alternatives=[words])


def _to_mono(frame: rtc.AudioFrame) -> NDArray[np.int16]:
    samples = np.frombuffer(frame.data, np.int16)
    return samples if frame.num_channels == 1 else samples[:: frame.num_channels]
