"""The voice on the device as a plugin of the framework; no text leaves the process."""

from __future__ import annotations

import asyncio
import time
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
    from collections.abc import Callable

    from numpy.typing import NDArray

_UNSPEAKABLE = np.zeros(voice.SAMPLE_RATE // 100, np.int16)
"""10 ms: the framework takes no audio at all for a failure, and would quote the text."""


class Foreseen:
    """A piece that is being voiced before it is known whether it will be said.

    Args:
        text: the piece.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.ready_s: float | None = None
        """When its sound was there, by `time.perf_counter`."""
        self.on_taken: Callable[[], None] | None = None
        """Called when it is said after all."""
        self._voicing = asyncio.create_task(_speak(text))
        self._voicing.add_done_callback(self._note)

    async def take(self) -> NDArray[np.int16]:
        """Return its sound.

        Raises:
            APIError: the voice failed; asked again, it is voiced anew.
        """
        if self.on_taken is not None:
            self.on_taken()
        return await asyncio.shield(self._voicing)

    def _note(self, voicing: asyncio.Task[NDArray[np.int16]]) -> None:
        # One that nobody takes must not end as an exception that nobody looked at.
        if not voicing.cancelled() and voicing.exception() is None:
            self.ready_s = time.perf_counter()


class TTS(tts.TTS[Never]):
    """Hibari: English, 24 kHz mono, one model a process for all streams."""

    def __init__(self) -> None:
        self._foreseen: Foreseen | None = None
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

    def foresee(self, text: str) -> Foreseen | None:
        """Begin to voice what may be asked for next; no sound of it leaves before it is.

        Args:
            text: all that a stream would be given, from the beginning of a turn.

        Returns:
            What is being voiced, or None: a text of several pieces begins to sound before it is
            whole, and gains nothing.
        """
        clauses = Clauses()
        pieces = clauses.feed(text) + clauses.flush()
        if len(pieces) != 1:
            return None
        if self._foreseen is None or self._foreseen.text != pieces[0]:
            self._foreseen = Foreseen(pieces[0])
        return self._foreseen

    async def voice(self, piece: str) -> NDArray[np.int16]:
        """Return the sound of a piece, the foreseen one if it is that; another is dropped.

        Args:
            piece: what `Clauses` gave.

        Returns:
            Samples, mono, `voice.SAMPLE_RATE`; none for what cannot be spoken.

        Raises:
            APIError: the voice failed.
        """
        foreseen, self._foreseen = self._foreseen, None
        if foreseen is not None and foreseen.text == piece:
            return await foreseen.take()
        return await _speak(piece)

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

    _tts: TTS

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
                samples = await self._tts.voice(piece)
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
