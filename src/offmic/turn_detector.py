"""Ends the caller's turn by the sound of it and by its words; it must never leave the machine.

The framework asks after a moment of silence and acts on the answer at once: an answer that has to
wait is given later, and dropped when the caller speaks on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final

from livekit.agents import inference
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from livekit.agents.voice.turn import TurnDetectionEvent

from offmic.endpointing import ASKED_S

if TYPE_CHECKING:
    from livekit import rtc
    from livekit.agents import APIConnectOptions
    from livekit.agents.language import LanguageCode
    from livekit.agents.voice.turn import _StreamingTurnDetectorStream

    from offmic.endpointing import Patience

_SETTLE_S: Final = 0.8
"""How long the last words may come after the framework has asked."""
_FIRST_WORDS_S: Final = 0.3
"""How long the first ones may: where none come it was a noise."""
_LAG_S: Final = 0.1
"""With more audio than this waiting to be looked at, the caller may be speaking already."""
_MOST_LAG_S: Final = 1.0
_POLL_S: Final = 0.02
_OVER: Final = 1.0
_THRESHOLD: Final = 0.5
_MOST_S: Final = 10.0


class TurnDetector:
    """A streaming turn detector, as `AgentSession(turn_detection=...)` takes one.

    Args:
        patience: what is known of the words of this call.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        # Without a version the framework asks LiveKit's cloud first.
        self._by_sound = inference.TurnDetector(version="v1-mini")

    @property
    def model(self) -> str:
        """The model's name, for metrics."""
        return str(self._by_sound.model)

    @property
    def provider(self) -> str:
        """Who runs it, for metrics."""
        return "local"

    def stream(
        self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> TurnStream:
        """Listen to one caller."""
        return TurnStream(self._by_sound.stream(conn_options=conn_options), self._patience)


class TurnStream:
    """One caller's audio; each prediction comes when the silence has lasted long enough.

    Args:
        by_sound: the model's own stream.
        patience: what is known of the words.
    """

    def __init__(self, by_sound: _StreamingTurnDetectorStream, patience: Patience) -> None:
        self._by_sound = by_sound
        self._patience = patience
        self._waiting: asyncio.Task[None] | None = None
        self._answer: asyncio.Future[TurnDetectionEvent] | None = None

    @property
    def model(self) -> str:
        """The model's name, for metrics."""
        return self._by_sound.model

    @property
    def provider(self) -> str:
        """Who runs it, for metrics."""
        return "local"

    @property
    def is_fallback(self) -> bool:
        """Never: there is nothing that it stands in for."""
        return False

    @property
    def prediction_timeout(self) -> float:
        """How long the framework waits for a prediction, in seconds."""
        return _MOST_S

    async def unlikely_threshold(
        self,
        language: LanguageCode | None,  # noqa: ARG002 - the framework's signature
    ) -> float | None:
        """Return what a prediction must reach; every one does, when its time has come."""
        return _THRESHOLD

    async def backchannel_threshold(
        self,
        language: LanguageCode | None,  # noqa: ARG002 - the framework's signature
    ) -> float | None:
        """Return None: the model does not listen for backchannels."""
        return None

    async def supports_language(
        self,
        language: LanguageCode | None,  # noqa: ARG002 - the framework's signature
    ) -> bool:
        """Return True: where the words are foreign the sound alone decides."""
        return True

    def predict(self) -> asyncio.Future[TurnDetectionEvent]:
        """Return what is fulfilled when the turn is over, called after `ASKED_S` of silence."""
        self.cancel_inference()
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._waiting = loop.create_task(self._wait(self._answer, time.monotonic() - ASKED_S))
        return self._answer

    def cancel_inference(self, *, timed_out: bool = False) -> None:
        """Drop the prediction in work: the caller speaks on, or the turn is over."""
        self._by_sound.cancel_inference(timed_out=timed_out)
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(_event(0.0))
        self._answer = None

    def flush(self, reason: str | None = None) -> None:
        """Begin a new turn."""
        self.cancel_inference()
        self._patience.clear()
        self._by_sound.flush(reason)

    def push_audio(self, frame: rtc.AudioFrame) -> None:
        """Listen to more of the caller."""
        self._by_sound.push_audio(frame)

    def end_input(self) -> None:
        """Listen no more."""
        self.cancel_inference()
        self._by_sound.end_input()

    async def aclose(self) -> None:
        """End the model's stream."""
        self.cancel_inference()
        await self._by_sound.aclose()

    async def _wait(self, answer: asyncio.Future[TurnDetectionEvent], spoke_s: float) -> None:
        asked_s = time.monotonic()
        sound = self._by_sound.predict()
        sound.add_done_callback(lambda _: self._patience.changed.set())
        # Words that come late may say that there is more, or less, to wait for.
        while True:
            heard = sound.result() if sound.done() else None
            until_s = spoke_s + self._patience.silence_s(
                None if heard is None else heard.end_of_turn_probability
            )
            if not self._patience.is_settled(spoke_s):
                words_s = _SETTLE_S if self._patience.has_words else _FIRST_WORDS_S
                until_s = max(until_s, asked_s + words_s)
            left_s = until_s - time.monotonic()
            if left_s <= 0 and (self._patience.lag_s <= _LAG_S or left_s <= -_MOST_LAG_S):
                break
            left_s = max(left_s, _POLL_S)
            self._patience.changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._patience.changed.wait(), left_s)
        if not answer.done():
            answer.set_result(_event(_OVER, None if heard is None else heard.inference_duration))


def _event(probability: float, inference_duration: float | None = None) -> TurnDetectionEvent:
    return TurnDetectionEvent(
        type="eot_prediction",
        end_of_turn_probability=probability,
        last_speaking_time=time.time(),
        inference_duration=inference_duration,
    )
