"""`python -m bench.load`: many callers with real speech, and what they live through.

They call the deployment that LIVEKIT_URL names, or a desk of their own where it names none: then
CPU and memory are measured as well. It must never call anything else.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import statistics
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bench.command import command
from bench.load_caller import QUESTIONS, LoadCaller, Place, Record, synthesize_questions
from bench.load_desk import Meter
from bench.load_picture import Line, draw
from tests.fakes.desk import running_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from bench.load_desk import Use
    from tests.fakes.desk import Desk

_EVERY_S: Final = 15.0
_ARRIVAL_S: Final = 2.0
"""Between two callers; a process is loaded for the next one in that time."""
_LOST_AFTER_S: Final = 8.0
_SETTLE_S: Final = 4.0
_SEED: Final = 8


@dataclass(frozen=True)
class Stage:
    """What so many callers at once lived through.

    Args:
        callers: how many.
        records: one a caller.
        use: what it took; None where the desk is elsewhere.
    """

    callers: int
    records: Sequence[Record]
    use: Use | None

    @property
    def joins_s(self) -> list[float]:
        """The times to the greeting's first sound."""
        return [r.joined_s for r in self.records if r.joined_s is not None]

    @property
    def answers_s(self) -> list[float]:
        """The times of all answers that came."""
        return [a for r in self.records for a in r.answers_s if a is not None]

    @property
    def shown_s(self) -> list[float]:
        """The times of all secrets that were shown."""
        return [s for r in self.records for s in r.shown_s if s is not None]

    @property
    def unanswered(self) -> int:
        """Calls that never began, and questions without an answer."""
        return sum((r.joined_s is None) + r.answers_s.count(None) for r in self.records)


async def run_stage(place: Place, callers: int, seconds: float, desk: Desk | None = None) -> Stage:
    """Call with so many callers at once, each with a question every 15 s.

    Args:
        place: whom to call.
        callers: how many.
        seconds: how long after the last one has joined.
        desk: what is measured, where it is on this machine.
    """
    sounds = synthesize_questions()
    rooms = [f"load-{secrets.token_hex(3)}-{number}" for number in range(callers)]
    lines = [LoadCaller(place, room, sounds) for room in rooms]
    try:
        joined = await asyncio.gather(
            *(_join(line, number * _ARRIVAL_S) for number, line in enumerate(lines))
        )
        talking = [line for line, is_there in zip(lines, joined, strict=True) if is_there]
        there = [room for room, is_there in zip(rooms, joined, strict=True) if is_there]
        meter = Meter(desk) if desk is not None else None
        phases = random.Random(_SEED)  # the same moments in each run
        end_s = time.monotonic() + seconds
        await asyncio.gather(
            *(_talk(line, phases.uniform(0, _EVERY_S), end_s, n) for n, line in enumerate(talking))
        )
        use = meter.read(there) if meter is not None else None
    finally:
        await asyncio.gather(*(line.leave() for line in lines))
    return Stage(callers, [line.record for line in lines], use)


async def _join(line: LoadCaller, after_s: float) -> bool:
    await asyncio.sleep(after_s)
    return await line.join()


async def _talk(line: LoadCaller, phase_s: float, end_s: float, number: int) -> None:
    texts = list(QUESTIONS)
    next_s = time.monotonic() + phase_s
    # What is asked so late would not be answered before the end.
    while next_s < end_s - _LOST_AFTER_S / 2:
        await asyncio.sleep(max(next_s - time.monotonic(), 0))
        await line.ask(texts[number % len(texts)], _LOST_AFTER_S)
        number += 1
        next_s += _EVERY_S
    await asyncio.sleep(max(end_s - time.monotonic(), 0))


@asynccontextmanager
async def place_to_call(program: str = "main.py") -> AsyncIterator[tuple[Place, Desk | None]]:
    """Give the deployment of the environment, or a desk that runs for the length of the block.

    Args:
        program: whose worker it is, from the project's root.
    """
    if url := os.environ.get("LIVEKIT_URL"):
        key, secret = os.environ["LIVEKIT_API_KEY"], os.environ["LIVEKIT_API_SECRET"]
        yield Place(url, key, secret, os.environ.get("OFFMIC_AGENT_NAME", "")), None
        return
    async with running_desk(program=program) as desk:
        await desk.worker.wait_for_output("process initialized", 60)
        yield Place(desk.sfu.url, desk.sfu.api_key, desk.sfu.api_secret), desk


async def run_stages(
    numbers: Sequence[int],
    seconds: float,
    program: str = "main.py",
    goes_on: Callable[[Stage], bool] = lambda _: True,
) -> list[Stage]:
    """Call with each of these numbers of callers, one after another, and show how far it is.

    Args:
        numbers: of callers.
        seconds: of talk for each number.
        program: whose worker it is, from the project's root, where none is running.
        goes_on: whether the next number is called with after this one.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    stages: list[Stage] = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        whole_s = sum(_stage_s(count, seconds) for count in numbers)
        bar = progress.add_task("starting", total=whole_s)
        async with place_to_call(program) as (place, desk):
            for count in numbers:
                progress.update(bar, description=f"{count} callers")
                running = asyncio.create_task(run_stage(place, count, seconds, desk))
                done_s = sum(_stage_s(stage.callers, seconds) for stage in stages)
                start_s = time.monotonic()
                while not running.done():
                    spent_s = min(time.monotonic() - start_s, _stage_s(count, seconds))
                    progress.update(bar, completed=done_s + spent_s)
                    await asyncio.wait([running], timeout=1)
                stages.append(await running)
                progress.console.print(_row(stages[-1]), highlight=False, soft_wrap=True)
                if not goes_on(stages[-1]):
                    break
                await asyncio.sleep(_SETTLE_S)
            progress.update(bar, completed=whole_s)
    return stages


def table(stages: Sequence[Stage]) -> str:
    """Return the table in Markdown."""
    head = (
        "| callers | joined, s | answer, s: median, worst | shown, s: median, worst | asked "
        "| lost: calls, answers, secrets | cores: jobs, models, SFU, driver "
        "| a job, MB: USS, PSS | worker, MB |"
    )
    rule = "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    return "\n".join([head, rule, *map(_row, stages)])


def picture(stages: Sequence[Stage]) -> str:
    """Return how the times grow with the number of callers, as SVG."""
    answered = [stage for stage in stages if stage.answers_s]
    lines = [
        Line("answer, median", [(s.callers, statistics.median(s.answers_s)) for s in answered]),
        Line("answer, worst", [(s.callers, max(s.answers_s)) for s in answered]),
    ]
    if shown := [stage for stage in stages if stage.shown_s]:
        lines.append(
            Line("secret shown, median", [(s.callers, statistics.median(s.shown_s)) for s in shown])
        )
    if used := [(s.callers, s.use) for s in stages if s.use is not None]:
        lines.append(
            Line("cores in use", [(n, u.jobs + u.models + u.sfu + u.driver) for n, u in used])
        )
    return draw("callers at once", "seconds, cores", lines)


def _row(stage: Stage) -> str:
    asked = sum(len(record.answers_s) for record in stage.records)
    cells = [
        str(stage.callers),
        f"{statistics.median(stage.joins_s):.2f}" if stage.joins_s else "-",
        _median_and_worst(stage.answers_s),
        _median_and_worst(stage.shown_s),
        str(asked),
        _lost(stage.records),
    ]
    if (use := stage.use) is None:
        cells += ["-"] * 3
    else:
        cells += [
            f"{use.jobs:.2f}, {use.models:.2f}, {use.sfu:.2f}, {use.driver:.2f}",
            f"{use.job_uss / 1e6:.0f}, {use.job_pss / 1e6:.0f}",
            f"{use.worker_pss / 1e6:.0f}",
        ]
    return f"| {' | '.join(cells)} |"


def _lost(records: Sequence[Record]) -> str:
    calls = sum(r.joined_s is None for r in records)
    answers = sum(r.answers_s.count(None) for r in records)
    cards = sum(r.shown_s.count(None) for r in records)
    return f"{calls}, {answers}, {cards}"


def _median_and_worst(times_s: Sequence[float]) -> str:
    return f"{statistics.median(times_s):.2f}, {max(times_s):.2f}" if times_s else "-"


def _stage_s(callers: int, seconds: float) -> float:
    return callers * _ARRIVAL_S + seconds + 2 * _SETTLE_S


def read_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; `callers` is a list of numbers."""
    parser = command("bench.load", __doc__)
    parser.add_argument("--callers", default="1,2,4,8", type=counts, help="such as 1,2,4,8")
    parser.add_argument("--seconds", default=60.0, type=float, help="of talk for each number")
    parser.add_argument("--picture", type=Path, help="where to write the SVG")
    parser.add_argument("--program", default="main.py", help="the worker, where none is running")
    return parser.parse_args(arguments)


def counts(text: str) -> list[int]:
    """Read numbers of callers, such as `1,2,4`."""
    numbers = [int(part) for part in text.split(",")]
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError("a number of callers is at least 1")
    return numbers


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and write the picture where it is asked for."""
    options = read_arguments(arguments)
    stages = asyncio.run(run_stages(options.callers, options.seconds, options.program))
    print(table(stages))
    if options.picture is not None:
        options.picture.write_text(picture(stages))


if __name__ == "__main__":
    main()
