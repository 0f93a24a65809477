"""Voices in a row: a sentence that one of them does not finish is spoken by the next one, whole.

It must never wait longer than its patience for a sound, nor drop the rest of a turn.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Never

from livekit import rtc
from livekit.agents import APIConnectionError, APITimeoutError, tokenize, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions
from livekit.agents.utils import aio, shortuuid

from offmic import metrics
from offmic.fallback.row import InARow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

PATIENCE_S: Final = 1.5
"""So long a voice may take for a sound, its first one or the next."""
_MORE_S: Final = 0.15
"""So long a sentence that seems whole waits for what could belong to it."""
_ENDS: Final = (".", "!", "?", "…")


class FallbackVoice(InARow[tts.TTS[Any]], tts.TTS[Never]):
    """Speaks with the first voice that works.

    Args:
        voices: the preferred one first.
        patience_s: how long one may be silent in the midst of a sentence, in seconds.
    """

    def __init__(self, voices: Sequence[tts.TTS[Any]], patience_s: float = PATIENCE_S) -> None:
        super().__init__(
            voices,
            metrics.Provider.TTS,
            capabilities=tts.TTSCapabilities(streaming=True),
            sample_rate=max(voice.sample_rate for voice in voices),
            num_channels=1,
        )
        self.patience_s = patience_s

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak a whole text."""
        return self._synthesize_with_stream(text, conn_options=conn_options)

    def stream(
        self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.SynthesizeStream:
        """Open a stream that speaks text as it comes; its task starts at once."""
        once = APIConnectOptions(max_retry=0, timeout=conn_options.timeout)
        return _Stream(tts=self, conn_options=once)


class _Stream(tts.SynthesizeStream):
    """One turn of speech."""

    _tts: FallbackVoice

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:
        # Each voice measures itself.
        async for _ in event_aiter:
            pass

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=shortuuid(),
            sample_rate=self._tts.sample_rate,
            num_channels=1,
            mime_type="audio/pcm",
            stream=True,
        )
        output_emitter.start_segment(segment_id=shortuuid())
        sentences = tokenize.blingfire.SentenceTokenizer().stream()
        reading = asyncio.create_task(self._read(sentences))
        try:
            async for sentence in sentences:
                if text := sentence.token.strip():
                    self._mark_started()
                    await self._speak(text, output_emitter)
        finally:
            await aio.cancel_and_wait(reading)
            await sentences.aclose()
        output_emitter.end_segment()

    async def _read(self, sentences: tokenize.SentenceStream) -> None:
        seems_whole = False
        while True:
            try:
                async with asyncio.timeout(_MORE_S if seems_whole else None):
                    item = await anext(self._input_ch)
            except TimeoutError:
                # The splitter knows an end by the next beginning, which may be long in coming.
                item = self._FlushSentinel()
            except StopAsyncIteration:
                break
            if isinstance(item, str):
                sentences.push_text(item)
                seems_whole = item.rstrip().endswith(_ENDS) if item.strip() else seems_whole
            else:
                sentences.flush()
                seems_whole = False
        sentences.end_input()

    async def _speak(self, text: str, output_emitter: tts.AudioEmitter) -> None:
        row = self._tts.row
        for voice in row.order():
            try:
                async for frame in self._sound(voice, text):
                    output_emitter.push(frame.data.tobytes())
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one may work
                row.failed(voice, error)
                continue
            row.worked(voice)
            output_emitter.flush()
            return
        raise APIConnectionError("no voice works", retryable=False)

    async def _sound(self, voice: tts.TTS[Any], text: str) -> AsyncIterator[rtc.AudioFrame]:
        options = APIConnectOptions(max_retry=0, timeout=self._tts.patience_s)
        stream: tts.SynthesizeStream | tts.ChunkedStream
        if voice.capabilities.streaming:
            stream = voice.stream(conn_options=options)
            stream.push_text(text)
            stream.end_input()
        else:
            stream = voice.synthesize(text, conn_options=options)
        rate = self._tts.sample_rate
        same = voice.sample_rate == rate
        resampler = None if same else rtc.AudioResampler(voice.sample_rate, rate)
        async with stream:
            while True:
                try:
                    async with asyncio.timeout(self._tts.patience_s):
                        audio = await anext(stream)
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    raise APITimeoutError from None
                for frame in resampler.push(audio.frame) if resampler else [audio.frame]:
                    yield frame
        for frame in resampler.flush() if resampler else []:
            yield frame
