"""`python -m bench.waterfall`: a turn as a waterfall, from the caller's last sound to the answer.

The caller's clock says when it began and ended, the spans of that call what happened in between;
all run on this machine. It must never take a share from one turn and the whole from another.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.calls import REQUESTS, SMALL_TALK
from bench.command import command
from tests.fakes.collector import collector
from tests.fakes.desk import running_desk
from tests.fakes.visitor import visitor
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    from tests.fakes.collector import Collector
    from tests.fakes.visitor import Visitor

_TURNS: Final = 5
_WIDTH: Final = 60
_ANSWER_TIMEOUT_S: Final = 30.0
_WAIT: Final = "eou_wait"
_SPEAKING: Final = "agent_speaking"
_SHOWN: Final = frozenset(
    {
        *(_WAIT, "eou_detection", "on_user_turn_completed", "llm_node", "llm_request"),
        *("function_tool", "tts_node", "tts_request", "offmic.delivery", _SPEAKING),
    }
)
_NS: Final = 1e9


@dataclass(frozen=True)
class Bar:
    """One part of a turn, in seconds since the caller's last sound."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Turn:
    """One turn and its parts, in the order in which they began.

    Args:
        text: what was asked.
        total_s: from the caller's last sound to the answer's first.
        bars: the parts; some run beside others, and some go on after the first sound.
    """

    text: str
    total_s: float
    bars: list[Bar]


async def trace(one: Visitor, text: str, otel: Collector) -> Turn:
    """Speak a sentence and return where the time to the answer went.

    Args:
        one: a visitor who was greeted.
        text: what to say.
        otel: where the worker sends its spans.
    """
    events, spans = len(one.caller.events), len(otel.spans)
    await one.say(text)
    end_s = one.caller.speech_end_s
    await one.caller.wait_until_answered(events, _ANSWER_TIMEOUT_S)
    heard_s = one.caller.ear.first_sound_after(end_s)
    assert heard_s is not None, "the agent was not heard"
    # A span is sent when it has ended: the speech's last.
    await eventually(
        lambda: any(span.name == _SPEAKING for span in otel.spans[spans:]), 30, "the spans came"
    )
    # From the monotonic clock to the one that both processes share.
    zero_s = time.time() - time.monotonic() + end_s
    return Turn(text, heard_s - end_s, _bars(otel.spans[spans:], zero_s, heard_s - end_s))


def _bars(spans: list[Span], zero_s: float, total_s: float) -> list[Bar]:
    bars = [
        Bar(
            span.name,
            span.start_time_unix_nano / _NS - zero_s,
            span.end_time_unix_nano / _NS - zero_s,
        )
        for span in spans
        if span.name in _SHOWN
    ]
    bars = [bar for bar in bars if bar.end_s > 0 and bar.start_s < total_s]
    waits = [bar.start_s for bar in bars if bar.name == _WAIT]
    spoken = [bar.start_s for bar in bars if bar.name == _SPEAKING]
    if waits:
        bars.append(Bar("microphone, SFU, voice activity", 0.0, max(waits)))
    if spoken:
        bars.append(Bar("SFU, loudspeaker", min(spoken), total_s))
    return sorted(bars, key=lambda bar: (bar.start_s, -bar.end_s))


def print_turn(turn: Turn) -> None:
    """Print the turn as bars, one a part."""
    print(f"\n{turn.text!r}: {turn.total_s * 1000:.0f} ms")
    for bar in turn.bars:
        first_s, last_s = max(bar.start_s, 0.0), min(bar.end_s, turn.total_s)
        start = round(first_s / turn.total_s * _WIDTH)
        length = round((last_s - first_s) / turn.total_s * _WIDTH)
        drawn = " " * start + ("█" * length or "|") + ("…" if bar.end_s > turn.total_s else "")
        share = (last_s - first_s) / turn.total_s
        print(f"  {bar.name:31} {(last_s - first_s) * 1000:5.0f} ms {share:4.0%} {drawn}")


async def trace_turns() -> list[Turn]:
    """Return the median turn of some that ask for a secret, and of some that make small talk."""
    async with collector() as otel:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": otel.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        async with running_desk(settings) as desk, visitor(desk.sfu, "waterfall") as one:
            await one.greeted()
            found = []
            for sentences in (REQUESTS, SMALL_TALK):
                turns = [await trace(one, text, otel) for text in sentences[:_TURNS]]
                found.append(sorted(turns, key=lambda turn: turn.total_s)[_TURNS // 2])
            return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print two turns."""
    command("bench.waterfall", __doc__).parse_args(arguments)
    for turn in asyncio.run(trace_turns()):
        print_turn(turn)


if __name__ == "__main__":
    main()
