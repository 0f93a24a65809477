"""Shows what each turn cost: figures, spans, and in `dev` a line a turn; never a word of it."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from livekit.agents import llm
from livekit.agents.telemetry import tracer

from offmic import metrics
from offmic.fallback import FallbackBrain, FallbackEar, FallbackVoice
from offmic.guard import Direction, Guard, Said, Via
from offmic.metrics import Part, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from livekit.agents import AgentSession, ConversationItemAddedEvent, ErrorEvent

    from offmic.guard import Segment
    from offmic.secrets import Vault

TURNS: Final = "offmic.turns"
"""The logger of turns: one record for each answer, its times as fields, in seconds."""
_log = logging.getLogger(TURNS)

_FAILED: Final = {
    "stt_error": Provider.STT,
    "llm_error": Provider.LLM,
    "tts_error": Provider.TTS,
}
_COLOURS: Final = {
    Part.ENDPOINTING: 33,
    Part.STT: 36,
    Part.LLM: 35,
    Part.GUARD: 32,
    Part.TTS: 34,
    Part.DELIVERY: 31,
    Part.TOTAL: 1,
}


class Voicing(Protocol):
    """Words that are being voiced while it is open whether they are said."""

    ready_s: float | None
    """When their sound was there, by `time.perf_counter`."""
    on_taken: Callable[[], None] | None
    """Called when they are said."""


@dataclass
class Spent:
    """What a call's guards and deliveries have taken since the last answer, in seconds."""

    guard_s: float = 0.0
    delivery_s: float = 0.0
    _depth: int = 0

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Time work of the guard and its vault; what such work does inside counts once.

        It must not wait inside: what others do meanwhile would count.
        """
        begun_s = time.perf_counter()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self.guard_s += time.perf_counter() - begun_s

    def take(self) -> dict[Part, float]:
        """Return both and begin anew."""
        times = {Part.GUARD: self.guard_s, Part.DELIVERY: self.delivery_s}
        self.guard_s = self.delivery_s = 0.0
        return times

    @contextmanager
    def delivering(self, *, aloud: bool, voicing: Voicing | None = None) -> Iterator[None]:
        """Time what a spoken phrase waits for the receiver, and show it as a span.

        Args:
            aloud: this is the voice's wait; the transcript's runs beside it.
            voicing: what the voice works at meanwhile; if it is said, that time was not lost.
        """
        if not aloud:
            yield
            return
        begun_s = time.perf_counter()
        with tracer.start_as_current_span("offmic.delivery"):
            try:
                yield
            finally:
                ended_s = time.perf_counter()
                self.delivery_s += ended_s - begun_s
                if voicing is not None:
                    voicing.on_taken = lambda: self._spare(voicing, begun_s, ended_s)

    def _spare(self, voicing: Voicing, begun_s: float, ended_s: float) -> None:
        ready_s = ended_s if voicing.ready_s is None else voicing.ready_s
        self.delivery_s -= max(0.0, min(ready_s, ended_s) - begun_s)


class WatchedGuard(Guard):
    """A guard whose work is timed and whose finds are counted.

    Args:
        vault: of the call.
        spent: where its time is added.
        direction: whose words are guarded.
        repeats: it reads what another guard has read; what stands there as a handle was counted.
    """

    def __init__(
        self,
        vault: Vault,
        spent: Spent,
        direction: Direction = Direction.OUT,
        *,
        repeats: bool = False,
    ) -> None:
        super().__init__(vault, direction)
        self._spent = spent
        self._words_of = direction
        self._repeats = repeats

    def feed(self, chunk: str) -> list[Segment]:
        """Take the next piece of a turn, as `Guard.feed` does."""
        with self._spent.guarding():
            parts = super().feed(chunk)
            self._count(parts)
        return parts

    def flush(self) -> list[Segment]:
        """End the turn, as `Guard.flush` does."""
        with self._spent.guarding():
            parts = super().flush()
            self._count(parts)
        return parts

    def _count(self, parts: list[Segment]) -> None:
        for part in parts:
            if not isinstance(part, Said) and not (self._repeats and part.via is Via.HANDLE):
                metrics.count_diverted(part.kind, part.via, self._words_of)


def watch(session: AgentSession[Any], spent: Spent) -> None:
    """Note the times of each turn of a session, and which providers fail.

    Args:
        session: not started yet.
        spent: what its call's guards and deliveries take.
    """
    heard: dict[Part, float] = {}

    def on_item(event: ConversationItemAddedEvent) -> None:
        item = event.item
        if not isinstance(item, llm.ChatMessage):
            return
        if item.role == "user":
            heard.clear()
            heard.update(_heard(item.metrics))
        elif item.role == "assistant":
            _show({**heard, **_answered(item.metrics), **spent.take()})
            heard.clear()

    def on_error(event: ErrorEvent) -> None:
        if isinstance(event.source, FallbackBrain | FallbackEar | FallbackVoice):
            return  # a row has counted each of its providers
        kind = getattr(event.error, "type", "")
        metrics.count_failure(_FAILED.get(kind, Provider.OTHER))

    session.on("conversation_item_added", on_item)
    session.on("error", on_error)


def _heard(times: Mapping[str, Any]) -> dict[Part, float]:
    transcribed = times.get("transcription_delay")
    decided = times.get("end_of_turn_delay")
    if transcribed is None or decided is None:
        return {}
    return {Part.STT: transcribed, Part.ENDPOINTING: max(0.0, decided - transcribed)}


def _answered(times: Mapping[str, Any]) -> dict[Part, float]:
    names = {Part.LLM: "llm_node_ttft", Part.TTS: "tts_node_ttfb", Part.TOTAL: "e2e_latency"}
    return {part: times[name] for part, name in names.items() if times.get(name) is not None}


def _show(times: dict[Part, float]) -> None:
    for part, seconds in times.items():
        # Delivery is timed from diversion to outcome, where its outcome is known.
        if part is not Part.DELIVERY:
            metrics.time_part(part, seconds)
    _log.info("a turn was answered", extra={p.value: round(s, 4) for p, s in times.items()})


class TurnFormatter(logging.Formatter):
    """Writes the record of a turn as one coloured line, in milliseconds."""

    def format(self, record: logging.LogRecord) -> str:
        """Write `turn  endpointing 123  stt 45 ...  total 600 ms`."""
        words = [
            f"\x1b[{colour}m{part.value} {_milliseconds(value)}\x1b[0m"
            for part, colour in _COLOURS.items()
            if (value := getattr(record, part.value, None)) is not None
        ]
        return f"turn  {'  '.join(words)} ms"


def _milliseconds(value: object) -> str:
    if not isinstance(value, float | int):
        return "-"
    return f"{value * 1000:.1f}" if value < 0.01 else f"{value * 1000:.0f}"


def show_turns() -> None:
    """Write a line a turn to the terminal of this process instead of a log record."""
    handler = logging.StreamHandler()
    handler.setFormatter(TurnFormatter())
    _log.addHandler(handler)
    _log.propagate = False
