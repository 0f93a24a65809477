"""Voice activity that asks for the end of a turn early; it must never decide that end.

The framework asks its turn detector after 200 ms of silence and refuses a detector of voice
activity that is quicker than 250 ms. Here `TurnDetector` decides by the words and can wait as long
as it likes, so that a whole sentence need not.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from livekit.agents import inference, vad

from offmic.endpointing import LEAST_S

if TYPE_CHECKING:
    from livekit.agents.vad import VADEvent

    from offmic.endpointing import Patience

_AHEAD_S: Final = 0.08
"""What the framework is told beyond the silence that there is, so that it asks at `ASKED_S`."""
_STAYS_SPEECH: Final = 0.45
_WINDOW_S: Final = 0.032


class QuickVAD(vad.VAD):
    """Silero, its weights shared by all jobs of a worker.

    Args:
        patience: is told how far behind it is; on a busy machine that is no silence.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        super().__init__(capabilities=vad.VADCapabilities(update_interval=_WINDOW_S))
        self._silero = inference.VAD(
            model="silero",
            min_silence_duration=LEAST_S,
            deactivation_threshold=_STAYS_SPEECH,
        )

    @property
    def model(self) -> str:
        """The model's name, for metrics."""
        return self._silero.model

    @property
    def provider(self) -> str:
        """Who runs it, for metrics."""
        return self._silero.provider

    def stream(self) -> QuickStream:
        """Listen to one caller."""
        return QuickStream(self, self._silero.stream(), self._patience)


class QuickStream(vad.VADStream):
    """One caller's voice activity.

    Args:
        parent: whose stream this is.
        silero: the model's own stream.
        patience: is told how far behind it is.
    """

    def __init__(self, parent: QuickVAD, silero: vad.VADStream, patience: Patience) -> None:
        self._silero = silero
        self._patience = patience
        patience.lag_s = 0.0
        super().__init__(parent)

    async def _main_task(self) -> None:
        pushing = asyncio.create_task(self._push())
        try:
            async for event in self._silero:
                if event.type is vad.VADEventType.INFERENCE_DONE:
                    self._patience.lag_s -= _WINDOW_S
                self._event_ch.send_nowait(_ahead(event))
        finally:
            pushing.cancel()
            await self._silero.aclose()

    async def _push(self) -> None:
        async for item in self._input_ch:
            if isinstance(item, self._FlushSentinel):
                self._silero.flush()
            else:
                self._patience.lag_s += item.duration
                self._silero.push_frame(item)
        self._silero.end_input()


def _ahead(event: VADEvent) -> VADEvent:
    silence_s = event.raw_accumulated_silence
    return replace(event, raw_accumulated_silence=silence_s + _AHEAD_S) if silence_s else event
