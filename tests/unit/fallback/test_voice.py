"""A row of voices: what one does not finish is spoken by the next; no turn is cut short."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from livekit.agents import APIConnectionError, APIStatusError, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions

from offmic.fallback import FallbackVoice
from offmic.metrics import Provider
from tests.fakes.figures import failures
from tests.fakes.waiting import eventually

pytestmark = pytest.mark.virtual_time

_RATE = 24_000
_SOON_S = 10.0
_SECOND = np.ones(_RATE // 10, np.int16).tobytes()


class _Voice(tts.TTS[Any]):
    """Speaks 100 ms a sentence, or fails in a way of its own."""

    def __init__(self, fault: str = "") -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True), sample_rate=_RATE, num_channels=1
        )
        self.fault = fault
        self.said: list[str] = []

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        raise NotImplementedError

    def stream(
        self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.SynthesizeStream:
        return _Stream(tts=self, conn_options=conn_options)


class _Stream(tts.SynthesizeStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        assert isinstance(self._tts, _Voice)
        fault = self._tts.fault
        text = "".join([item async for item in self._input_ch if isinstance(item, str)])
        if fault == "429":
            raise APIStatusError("later", status_code=429)
        output_emitter.initialize(
            request_id="1", sample_rate=_RATE, num_channels=1, mime_type="audio/pcm", stream=True
        )
        output_emitter.start_segment(segment_id="1")
        self._mark_started()
        if fault == "silent":
            await asyncio.sleep(60)
        output_emitter.push(_SECOND * 2)
        if fault == "silent in the midst":
            await asyncio.sleep(60)
        if fault == "broken in the midst":
            raise APIConnectionError("gone")
        self._tts.said.append(text)
        output_emitter.end_segment()


async def _speak(voice: FallbackVoice, text: str) -> float:
    stream = voice.stream()
    stream.push_text(text)
    stream.end_input()
    duration_s = 0.0
    async with stream:
        async for audio in stream:
            duration_s += audio.frame.duration
    return duration_s


_TEXT = "The door code is on your screen. Is there anything else that I can do?"


@pytest.mark.parametrize("fault", ["429", "silent", "silent in the midst", "broken in the midst"])
async def test_the_next_voice_speaks_the_whole_sentence_and_the_rest(fault: str) -> None:
    broken, works = _Voice(fault), _Voice()
    voice = FallbackVoice([broken, works], patience_s=0.2)
    async with asyncio.timeout(_SOON_S):
        assert await _speak(voice, _TEXT) >= 0.39
    assert broken.said == []
    assert " ".join(works.said) == _TEXT
    assert voice.row.first() is works


async def test_one_that_works_again_is_asked_again() -> None:
    broken, works = _Voice("429"), _Voice()
    voice = FallbackVoice([broken, works], patience_s=0.2)
    await _speak(voice, "One.")
    broken.fault = ""
    voice.row._seats[0].rests_until_s = 0.0  # noqa: SLF001 - its time of rest is over
    await _speak(voice, "Two.")
    assert (broken.said, works.said) == (["Two."], ["One."])


async def test_with_no_voice_left_the_session_is_told() -> None:
    voice = FallbackVoice([_Voice("429"), _Voice("broken in the midst")], patience_s=0.2)
    errors: list[tts.TTSError] = []
    voice.on("error", errors.append)
    with pytest.raises(APIConnectionError):
        await _speak(voice, "One.")
    assert [error.recoverable for error in errors] == [False]


async def test_a_sentence_is_spoken_though_nothing_follows_it_yet() -> None:
    works = _Voice()
    async with FallbackVoice([works]).stream() as stream:
        stream.push_text("Just one moment, please …")
        await eventually(lambda: works.said, _SOON_S, "it is spoken")
        stream.push_text(" The door ")
        stream.push_text("is open.")
        stream.end_input()
        async for _ in stream:
            pass
    assert works.said == ["Just one moment, please …", "The door is open."]


async def test_with_no_voice_left_each_is_counted_once() -> None:
    before = failures(Provider.TTS)
    with pytest.raises(APIConnectionError):
        await _speak(FallbackVoice([_Voice("429"), _Voice("429")]), "One.")
    assert failures(Provider.TTS) == before + 2
