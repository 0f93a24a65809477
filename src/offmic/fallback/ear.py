"""Recognisers in a row: what one of them did not write down is heard again by the next one.

It keeps the caller's sound no longer than until its words are final, and never more than a few
seconds of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Never

from livekit import rtc
from livekit.agents import APIConnectionError, APITimeoutError, stt, vad
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    NotGivenOr,
)
from livekit.agents.utils import aio

from offmic import metrics
from offmic.fallback.row import InARow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livekit.agents.utils import AudioBuffer

PATIENCE_S: Final = 0.8
"""So long a recogniser may take for words after the caller has fallen silent."""
_WHOLE: Final = 2.5
"""One that begins to listen only then may take so many times as long."""
_ALONE: Final = 3.0
"""So many times as long where nobody else is awake."""
CONNECT_S: Final = 1.5
_KEPT_S: Final = 15.0
_BEFORE_S: Final = 1.0
_LEAST_SPEECH_S: Final = 0.3
_AGAIN_S: Final = 1.0
_OVERLAP_S: Final = 0.3
_WORDS: Final = frozenset(
    {
        stt.SpeechEventType.INTERIM_TRANSCRIPT,
        stt.SpeechEventType.PREFLIGHT_TRANSCRIPT,
        stt.SpeechEventType.FINAL_TRANSCRIPT,
    }
)


class FallbackEar(InARow[stt.STT[Any]], stt.STT[Never]):
    """Hears with the first recogniser that works.

    Args:
        ears: the preferred one first; all of them stream.
        vad: tells that the caller speaks, so that a recogniser which says nothing is noticed.
        patience_s: how long the words of one that writes while the caller speaks may take after
            that, in seconds.
    """

    def __init__(
        self, ears: Sequence[stt.STT[Any]], vad: vad.VAD, patience_s: float = PATIENCE_S
    ) -> None:
        super().__init__(
            ears,
            metrics.Provider.STT,
            capabilities=stt.STTCapabilities(
                streaming=True,
                interim_results=all(ear.capabilities.interim_results for ear in ears),
                manual_flush=all(ear.capabilities.manual_flush for ear in ears),
            ),
        )
        self.vad = vad
        self.patience_s = patience_s

    def patience_with(self, ear: stt.STT[Any] | None) -> float:
        """Return how long a recogniser may take for words after speech, in seconds."""
        if ear is None:
            return self.patience_s
        if self.row.is_alone(ear):
            return self.patience_s * _ALONE
        return self.patience_s * (1.0 if ear.capabilities.interim_results else _WHOLE)

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.RecognizeStream:
        """Open a stream of recognition; its task starts at once."""
        return _Stream(self, language, conn_options)

    async def _recognize_impl(
        self,
        buffer: AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        for ear in self.row.order():
            try:
                return await ear.recognize(buffer, language=language, conn_options=conn_options)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one may work
                self.row.failed(ear, error)
        raise APIConnectionError("no recogniser works", retryable=False)


class _Stream(stt.RecognizeStream):
    """One caller's audio."""

    _stt: FallbackEar

    def __init__(
        self, ears: FallbackEar, language: NotGivenOr[str], conn_options: APIConnectOptions
    ) -> None:
        super().__init__(stt=ears, conn_options=conn_options)
        self._language = language
        self._kept: deque[rtc.AudioFrame] = deque()
        self._kept_s = 0.0
        self._inner: stt.RecognizeStream | None = None
        self._ear: stt.STT[Any] | None = None
        self._speaks = False
        # Something was said of which no final words have come.
        self._owed = False
        self._over = False
        self._silent = asyncio.Event()
        self._better = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:
        # Each recogniser measures itself.
        async for _ in event_aiter:
            pass

    async def _run(self) -> None:
        watching = self._stt.vad.stream()
        tasks = [
            asyncio.create_task(self._pump(watching)),
            asyncio.create_task(self._watch(watching)),
        ]
        failures = 0
        try:
            while not self._over:
                ear = self._stt.row.first()
                try:
                    await self._listen(ear)
                    failures = 0
                except Exception as error:  # noqa: BLE001 - whatever it is, the next one may work
                    self._stt.row.failed(ear, error)
                    failures += 1
                    if failures >= len(self._stt.row):
                        self._give_up()
                        failures = 0
                        await asyncio.sleep(_AGAIN_S)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            await aio.cancel_and_wait(*tasks)
            await watching.aclose()
            await asyncio.gather(*self._closing, return_exceptions=True)

    async def _pump(self, watching: vad.VADStream) -> None:
        async for item in self._input_ch:
            if isinstance(item, rtc.AudioFrame):
                self._keep(item)
                watching.push_frame(item)
            self._forward(item)
        self._over = True
        watching.end_input()
        if self._inner is not None:
            self._inner.end_input()

    def _forward(self, item: rtc.AudioFrame | stt.RecognizeStream._FlushSentinel) -> None:
        # One that has just failed is closed; its successor is given what was kept.
        with suppress(RuntimeError):
            if self._inner is None:
                return
            if isinstance(item, rtc.AudioFrame):
                self._inner.push_frame(item)
            else:
                self._inner.flush()

    async def _watch(self, watching: vad.VADStream) -> None:
        async for event in watching:
            if event.type is vad.VADEventType.START_OF_SPEECH:
                self._speaks = self._owed = True
                self._stop_waiting()
            elif event.type is vad.VADEventType.END_OF_SPEECH:
                self._speaks = False
                if self._owed and event.speech_duration >= _LEAST_SPEECH_S:
                    self._wait_for_words(self._stt.patience_with(self._ear))
                elif self._ear is not None:
                    self._look_for_better(self._ear)

    async def _listen(self, ear: stt.STT[Any]) -> None:
        """Hear with one recogniser until the sound ends or a better one is awake again.

        Raises:
            Exception: it failed, or wrote nothing where something was said.
        """
        self._silent.clear()
        self._better.clear()
        inner = ear.stream(
            language=self._language, conn_options=APIConnectOptions(max_retry=0, timeout=CONNECT_S)
        )
        try:
            for frame in self._kept:
                inner.push_frame(frame)
            if self._owed and not self._speaks:
                # It was said before: no end of speech will come for it.
                inner.flush()
                self._wait_for_words(CONNECT_S + self._stt.patience_with(ear))
            self._inner, self._ear = inner, ear
            if self._over:
                inner.end_input()
            silence = asyncio.create_task(self._silent.wait())
            better = asyncio.create_task(self._better.wait())
            hearing = asyncio.create_task(self._hear(inner, ear))
            tasks = (silence, better, hearing)
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if hearing.done():
                    hearing.result()
                elif silence.done():
                    raise APITimeoutError("a recogniser wrote nothing", retryable=False)
            finally:
                await aio.cancel_and_wait(*tasks)
        finally:
            self._inner = self._ear = None
            self._stop_waiting()
            # One that answers nothing may not answer a farewell either; the next does not wait.
            closing = asyncio.create_task(inner.aclose())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _hear(self, inner: stt.RecognizeStream, ear: stt.STT[Any]) -> None:
        async for event in inner:
            if event.type in _WORDS and event.alternatives and event.alternatives[0].text:
                self._owed = event.type is not stt.SpeechEventType.FINAL_TRANSCRIPT
            self._event_ch.send_nowait(event)
            if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                self._stop_waiting()
                self._stt.row.worked(ear)
                self._forget(_OVERLAP_S if self._speaks else 0.0)
                self._look_for_better(ear)
        if not self._over:
            raise APIConnectionError("a recogniser ended its stream", retryable=False)

    def _give_up(self) -> None:
        """Tell the session where the caller has said something that nobody wrote down."""
        if self._owed and not self._speaks:
            self._owed = False
            self._forget(0.0)
            error = APIConnectionError("no recogniser works", retryable=False)
            self._emit_error(error, recoverable=False)

    def _keep(self, frame: rtc.AudioFrame) -> None:
        self._kept.append(frame)
        self._kept_s += frame.duration
        self._forget(_KEPT_S if self._owed or self._speaks else _BEFORE_S)

    def _forget(self, most_s: float) -> None:
        while self._kept and self._kept_s > most_s:
            self._kept_s -= self._kept.popleft().duration

    def _look_for_better(self, ear: stt.STT[Any]) -> None:
        if self._speaks or self._owed:
            return
        # Whoever hears next must not write again what was written.
        self._forget(0.0)
        if self._stt.row.first() is not ear:
            self._better.set()

    def _wait_for_words(self, patience_s: float) -> None:
        self._stop_waiting()
        self._timer = asyncio.get_running_loop().call_later(patience_s, self._silent.set)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._silent.clear()
