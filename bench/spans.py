"""One turn of a real call as a waterfall of its parts; every bar comes from a span of that call.

The worker sends its spans to a collector in this process. Times begin where the caller's speech
ended, as the agent's VAD saw it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tests.fakes.collector import collector
from tests.fakes.desk import running_desk
from tests.fakes.visitor import visitor
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

_WIDTH: Final = 60
_ASKED: Final = "What is the Wi-Fi password?"
_SHOWN: Final = (
    *("eou_wait", "eou_detection", "on_user_turn_completed", "agent_turn", "llm_node"),
    *("llm_request", "function_tool", "tts_node", "tts_request", "offmic.delivery"),
    "agent_speaking",
)
_ENOUGH: Final = "agent_speaking"


async def draw() -> list[str]:
    """Ask for a secret in a real call; return the turn's lines."""
    async with collector() as otel:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": otel.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        async with running_desk(settings) as desk, visitor(desk.sfu, "waterfall") as one:
            await one.greeted()
            await one.ask(_ASKED)
            await asyncio.sleep(1)
            await one.ask(_ASKED)
            await eventually(lambda: _turns(otel.spans) >= 3, 30, "the turn's spans came")
            line = _line_of_turn(desk.worker.output)
    return [*_bars(otel.spans), "", line]


def _turns(spans: list[Span]) -> int:
    return sum(span.name == _ENOUGH for span in spans)


def _bars(spans: list[Span]) -> list[str]:
    waits = sorted((s for s in spans if s.name == "eou_wait"), key=_start)
    begun = _start(waits[-1])
    shown = [s for s in spans if s.name in _SHOWN and _start(s) >= begun and s.name != "user_turn"]
    shown.sort(key=lambda s: (_start(s), -_end(s)))
    # What is said goes on for seconds: the picture ends shortly after its first sound.
    spoken = [_start(s) for s in shown if s.name == _ENOUGH]
    until = (min(spoken) if spoken else max(map(_end, shown))) + 100_000_000
    scale = _WIDTH / (until - begun)
    lines = []
    for span in shown:
        if _start(span) > until:
            continue
        first = round((_start(span) - begun) * scale)
        last = max(first + 1, round((min(_end(span), until) - begun) * scale))
        bar = " " * first + "█" * (last - first)
        more = "…" if _end(span) > until else " "
        at_ms, took_ms = (_start(span) - begun) / 1e6, (_end(span) - _start(span)) / 1e6
        lines.append(f"{span.name:<24}{at_ms:7.0f} {took_ms:7.1f} ms  {bar:<{_WIDTH}}{more}")
    return [f"{'part':<24}{'from':>7} {'took':>7}     0 to {(until - begun) / 1e6:.0f} ms", *lines]


def _line_of_turn(output: str) -> str:
    return [line for line in output.splitlines() if line.startswith("turn  ")][-1]


def _start(span: Span) -> int:
    return int(span.start_time_unix_nano)


def _end(span: Span) -> int:
    return int(span.end_time_unix_nano)
