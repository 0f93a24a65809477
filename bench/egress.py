"""What the inbound guard and egress add to a turn, by time stamps inside it; never a mock of one.

The records, spans and finals of one real kind of turn are written with and without egress, in
alternation; the difference is what it adds.
"""

from __future__ import annotations

import json
import logging
import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.sdk._logs import _internal as sdk_logs
from opentelemetry.sdk.metrics._internal.measurement_consumer import SynchronousMeasurementConsumer
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bench.figures import Figure
from offmic.egress import logs, traces
from offmic.egress.redactor import Redactor
from offmic.egress.streams import TextFilter
from offmic.guard import Direction, Guard
from offmic.inbound import hear
from offmic.metrics import Sink
from offmic.secrets import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TURNS: Final = 200
_HEARD: Final = (
    "What is the Wi-Fi password?",
    "I am here for a meeting with somebody on the third floor at ten.",
    "Could you tell me where I can leave my car, please?",
    "My colleague said that the door code has changed since last week.",
)
_SAID: Final = (
    "The Wi-Fi password is [Wi-Fi password]. Is there anything else that I can do for you?",
    "You will find the meeting rooms behind the stairs, to the left of the kitchen.",
)


def measure_all() -> list[Figure]:
    """Return what a record, a span, a line and a final cost, and what a whole turn does."""
    vault = Vault()
    for number, value in enumerate(("correct-horse-42", "480215", "marmalade", "Kestrel-93!")):
        vault.hold(value, f"secret {number}", "password")
    redactor = Redactor()
    redactor.watch(vault)
    ear = Guard(vault, Direction.IN)
    final_us = _microseconds(lambda turn: hear(ear, vault, _HEARD[turn % len(_HEARD)]))
    out = TextFilter(redactor, Sink.STDOUT)
    line_us = _microseconds(lambda turn: out.feed(f"frame {turn}: 160 samples\n".encode()))
    egress = _Egress(redactor)
    debug = _compare(egress, _log_turn, logging.DEBUG)
    info = _compare(egress, _log_turn, logging.INFO)
    span = _compare(egress, _trace_turn, logging.INFO)
    inbound_ms = final_us / 1000
    return [
        _of("inbound guard, a final transcript", final_us, "without: 0"),
        _of("egress, a line of standard output", line_us, "without: 0"),
        *_both("a turn's log records at DEBUG", debug, _RECORDS),
        *_both("a turn's log records at INFO", info, 1),
        *_both("a turn's spans", span, len(_SPANS)),
        Figure(
            "inbound guard and egress, a whole turn",
            f"{inbound_ms + (info[1] - info[0]) + (span[1] - span[0]):.2f} ms at INFO, "
            f"{inbound_ms + (debug[1] - debug[0]) + (span[1] - span[0]):.2f} ms at DEBUG",
            "a final, its log records and its spans; at most 5 ms are allowed",
        ),
    ]


def _both(name: str, times: tuple[float, float], count: int) -> list[Figure]:
    bare_ms, with_ms = times
    each_us = (with_ms - bare_ms) * 1000 / count
    value = f"{with_ms:.2f} ms, {bare_ms:.2f} ms without egress"
    return [Figure(name, value, f"{each_us:.0f} µs added to each of {count}; median of {_TURNS}")]


def _of(name: str, microseconds: float, how: str) -> Figure:
    return Figure(name, f"{microseconds:.0f} µs", f"{how}; median of {_TURNS}")


def _microseconds(act: Callable[[int], object]) -> float:
    times = []
    for turn in range(_TURNS):
        begun_s = time.perf_counter()
        act(turn)
        times.append(time.perf_counter() - begun_s)
    return statistics.median(times) * 1e6


def _compare(egress: _Egress, act: Callable[[int, int], None], level: int) -> tuple[float, float]:
    """Return the medians of a turn without and with egress, in milliseconds, taken by turns."""
    bare: list[float] = []
    guarded: list[float] = []
    for turn in range(_TURNS):
        bare.append(_time(act, turn, level))
        with egress.on():
            guarded.append(_time(act, turn, level))
    return statistics.median(bare) * 1000, statistics.median(guarded) * 1000


def _time(act: Callable[[int, int], None], turn: int, level: int) -> float:
    begun_s = time.perf_counter()
    act(turn, level)
    return time.perf_counter() - begun_s


class _Egress:
    """Egress of one process, switched on and off."""

    _PLACES: Final[tuple[tuple[Any, str], ...]] = (
        (logging.Handler, "handle"),
        (Span, "_readable_span"),
        (SynchronousMeasurementConsumer, "consume_measurement"),
        (sdk_logs.SynchronousMultiLogRecordProcessor, "on_emit"),
        (sdk_logs.ConcurrentMultiLogRecordProcessor, "on_emit"),
    )

    def __init__(self, redactor: Redactor) -> None:
        self._off = self._read()
        logs.install(redactor)
        traces.install(redactor)
        self._on = self._read()
        self._write(self._off)

    @contextmanager
    def on(self) -> Iterator[None]:
        self._write(self._on)
        try:
            yield
        finally:
            self._write(self._off)

    def _read(self) -> list[Any]:
        return [getattr(owner, name) for owner, name in self._PLACES]

    def _write(self, functions: list[Any]) -> None:
        for (owner, name), function in zip(self._PLACES, functions, strict=True):
            setattr(owner, name, function)


class _Json(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        json.dumps({**record.__dict__, "msg": record.getMessage()}, default=str)


_log = logging.getLogger("bench.egress")
_log.propagate = False
_log.addHandler(_Json())
_RECORDS: Final = 11


def _log_turn(turn: int, level: int) -> None:
    """Log what the framework logs in a turn at this level; times and words differ each time."""
    _log.setLevel(level)
    heard, said = _HEARD[turn % len(_HEARD)], _SAID[turn % len(_SAID)] + f" {turn} people asked."
    job = {"pid": 4242, "job_id": "AJ_EUUDpDmb6hix", "room": "lobby", "room_id": "RM_u5W2V28E84Md"}
    speech = {"speech_id": f"speech_{turn:012x}"}
    _log.debug("received user preflight transcript", extra={"lk.pii.user_transcript": heard, **job})
    for trigger in ("vad", "stt"):
        _log.debug("eot prediction", extra={"probability": 0.7 + turn / 999, "by": trigger, **job})
    _log.debug("received user transcript", extra={"lk.pii.user_transcript": heard, **job})
    _log.debug("user turn committed", extra={"last_speaking_time": 1795557321.9 + turn, **job})
    _log.debug("using preemptive generation", extra={"preemptive_lead_time": 0.1 + turn, **job})
    _log.debug("conversation_item_added", extra={"role": "user", "lk.pii.text": heard, **job})
    arguments = f'{{"name": "Wi-Fi password", "asked": {turn}}}'
    _log.debug("executing tool", extra={"lk.pii.arguments": arguments, **speech, **job})
    _log.debug("tools execution completed", extra={**speech, **job})
    _log.info("a delivery has its outcome", extra={"delivery": f"KUufMJXh66{turn}", **job})
    _log.debug("conversation_item_added", extra={"role": "assistant", "lk.pii.text": said, **job})


_SPANS: Final = ("user_turn", "eou_detection", "agent_turn", "llm_node", "llm_request", "tts_node")


def _trace_turn(turn: int, _: int) -> None:
    """Make the spans that the framework makes in a turn."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("bench")
    for name in _SPANS:
        attributes = {
            "lk.speech_id": f"speech_{turn:012x}",
            "lk.pii.chat_ctx": "a long history " * 50,
            "lk.pii.response.text": _SAID[turn % len(_SAID)],
            "lk.response.ttft": 0.1 + turn,
            "gen_ai.request.model": "smollm2",
            "gen_ai.usage.input_tokens": 400 + turn,
            "lk.agent_label": "offmic.assistant.FrontDesk",
        }
        with tracer.start_as_current_span(name, attributes=attributes) as span:
            span.add_event("generation", {"lk.generation_id": f"speech_{turn:012x}_1"})
