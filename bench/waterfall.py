"""`python -m bench.waterfall`: one turn drawn as a waterfall, from the caller's last sound on.

The caller's clock says when it began and ended, the agent's nodes what happened in between; both
run on this machine. It must never take a share from one turn and the whole from another.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.calls import REQUESTS, SMALL_TALK
from tests.fakes.desk import SETTINGS
from tests.fakes.sfu import running_sfu
from tests.fakes.visitor import visitor
from tests.fakes.worker import running_worker

if TYPE_CHECKING:
    from tests.fakes.visitor import Visitor

_TURNS: Final = 5
_WIDTH: Final = 60
_ANSWER_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class Bar:
    """One part of a turn, in seconds since the caller's last sound."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Turn:
    """One turn: its parts end to end, and what was done meanwhile."""

    text: str
    total_s: float
    parts: list[Bar]
    meanwhile: list[Bar]


async def trace(one: Visitor, text: str, marks: Path) -> Turn:
    """Speak a sentence and return where the time to the answer went.

    Args:
        one: a visitor who was greeted.
        text: what to say.
        marks: the file that the worker's agent writes.
    """
    events = len(one.caller.events)
    await one.say(text)
    end_s = one.caller.speech_end_s
    await one.caller.wait_until_answered(events, _ANSWER_TIMEOUT_S)
    heard_s = one.caller.ear.first_sound_after(end_s)
    assert heard_s is not None, "the agent was not heard"
    # From the monotonic clock to the one that both processes share.
    offset_s = time.time() - time.monotonic() + end_s
    lines = map(json.loads, (await asyncio.to_thread(marks.read_text)).splitlines())
    return _draw_up(text, [_since(line, offset_s) for line in lines], heard_s - end_s)


def _since(mark: dict[str, Any], zero_s: float) -> dict[str, Any]:
    times = {key: mark[key] - zero_s for key in ("at_s", "stopped_s") if mark.get(key) is not None}
    return mark | times


def _draw_up(text: str, marks: list[dict[str, Any]], total_s: float) -> Turn:
    def first(name: str, after_s: float) -> float:
        return next(
            (m["at_s"] for m in marks if m["mark"] == name and m["at_s"] >= after_s), after_s
        )

    over = next(m for m in marks if m["mark"] == "turn over" and m["at_s"] > 0)
    stopped_s, over_s = max(over.get("stopped_s", 0.0), 0.0), over["at_s"]
    silent_s = first("caller listening", stopped_s)
    voice_s = first("voice asked", over_s)
    sounds_s = first("voice sounds", voice_s)
    played_s = first("agent speaking", sounds_s)
    settled = [m["at_s"] for m in marks if m["mark"] in _SETTLED and 0 < m["at_s"] <= over_s]
    asked = [m["at_s"] for m in marks if m["mark"] == "model asked" and 0 < m["at_s"] < sounds_s]
    parts = [
        Bar("microphone, SFU, voice activity", 0.0, stopped_s),
        Bar("silence that voice activity needs", stopped_s, min(silent_s, over_s)),
        Bar("silence that the words need", min(silent_s, over_s), over_s),
        Bar("model and tools, after the turn's end", over_s, voice_s),
        Bar("delivery and the voice's first clause", voice_s, sounds_s),
        Bar("output", sounds_s, played_s),
        Bar("SFU, loudspeaker", played_s, total_s),
    ]
    meanwhile = [Bar("recognition of the last words", stopped_s, settled[0])] if settled else []
    meanwhile += [Bar("model asked", at_s, first("model answers", at_s)) for at_s in asked]
    return Turn(text, total_s, parts, meanwhile)


_SETTLED: Final = ("words preflight_transcript", "words final_transcript")


def print_turn(turn: Turn) -> None:
    """Print the turn as bars, one a part."""
    print(f"\n{turn.text!r}: {turn.total_s * 1000:.0f} ms")
    for bar in turn.parts:
        _print_bar(bar, turn.total_s, "█", f"{(bar.end_s - bar.start_s) / turn.total_s:4.0%}")
    for bar in turn.meanwhile:
        _print_bar(bar, turn.total_s, "░", "    ")


def _print_bar(bar: Bar, total_s: float, block: str, share: str) -> None:
    start = round(max(bar.start_s, 0.0) / total_s * _WIDTH)
    length = max(round((bar.end_s - bar.start_s) / total_s * _WIDTH), 0)
    drawn = " " * start + (block * length or "|")
    print(f"  {bar.name:38} {(bar.end_s - bar.start_s) * 1000:5.0f} ms {share} {drawn}")


async def trace_turns() -> list[Turn]:
    """Return the median turn of some that ask for a secret, and of some that make small talk."""
    with tempfile.TemporaryDirectory(prefix="offmic-bench-") as folder:
        marks = Path(folder) / "marks"
        settings = SETTINGS | {"BENCH_MARKS": str(marks)}
        async with (
            running_sfu() as sfu,
            running_worker(sfu, settings, program="bench/traced_desk.py"),
            visitor(sfu, "waterfall") as one,
        ):
            await one.greeted()
            found = []
            for sentences in (REQUESTS, SMALL_TALK):
                turns = [await trace(one, text, marks) for text in sentences[:_TURNS]]
                found.append(sorted(turns, key=lambda turn: turn.total_s)[_TURNS // 2])
            return found


def main() -> None:
    """Print two turns."""
    for turn in asyncio.run(trace_turns()):
        print_turn(turn)


if __name__ == "__main__":
    main()
