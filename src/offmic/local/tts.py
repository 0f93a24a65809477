"""The voice on the device as a plugin of the framework; no text leaves the process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Never

import numpy as np
from livekit.agents import APIError, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions
from livekit.agents.utils import shortuuid

import offmic.local.plugin  # noqa: F401 (registers the plugin)
from offmic.errors import OffmicError
from offmic.local import engines, voice
from offmic.local.clauses import Clauses

if TYPE_CHECKING:
    from numpy.typing import NDArray

_UNSPEAKABLE = np.zeros(voice.SAMPLE_RATE // 100, np.int16)
"""10 ms: the framework takes no audio at all for a failure, and would quote the text."""


class TTS(tts.TTS[Never]):
    """Hibari: English, 24 kHz mono, one model a process for all streams."""

    def __init__(self) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True),
            sample_rate=voice.SAMPLE_RATE,
            num_channels=1,
        )

    @property
    def model(self) -> str:
        """The model's name, for metrics."""
        return "hibari"

    @property
    def provider(self) -> str:
        """The provider's name, for metrics."""
        return "local"

    def prewarm(self) -> None:
        """Load the voice.

        Raises:
            MissingPartError: when the voice is not installed.
        """
        engines.load(["tts"])

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak a whole text."""
        return self._synthesize_with_stream(text, conn_options=conn_options)

    def stream(
        self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.SynthesizeStream:
        """Open a stream that speaks text as it comes; its task starts at once."""
        return LocalStream(tts=self, conn_options=conn_options)


class LocalStream(tts.SynthesizeStream):
    """One turn of speech: each sentence sounds as soon as its text is whole."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=shortuuid(),
            sample_rate=voice.SAMPLE_RATE,
            num_channels=1,
            mime_type="audio/pcm",
            stream=True,
        )
        output_emitter.start_segment(segment_id=shortuuid())
        clauses = Clauses()
        spoken = ""
        async for item in self._input_ch:
            pieces = (
                clauses.flush() if isinstance(item, self._FlushSentinel) else clauses.feed(item)
            )
            for piece in pieces:
                self._mark_started()
                # A cancel ends the wait; the piece in work is let go.
                samples = await _speak(piece)
                if not samples.size:
                    continue
                if spoken:
                    output_emitter.push(voice.pause_after(spoken).tobytes())
                output_emitter.push(samples.tobytes())
                spoken = piece
        if not spoken and self._pushed_text:
            self._mark_started()
            output_emitter.push(_UNSPEAKABLE.tobytes())
        output_emitter.end_segment()


async def _speak(text: str) -> NDArray[np.int16]:
    try:
        return await asyncio.to_thread(engines.speak, text)
    except OffmicError as error:
        # The framework's own kind of error, which its fallback and its retries know.
        raise APIError(str(error)) from error
