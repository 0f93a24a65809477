"""`python -m bench.capacity`: the desk and a plain one, with as many callers, in one run.

The plain one is `bench/plain_desk.py`. It must never be called a product: it is what one puts
together first with the same framework and the same models.
"""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psutil

from bench.command import command
from bench.load import counts, run_stages, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.load import Stage

_PROGRAMS: Final = {"offmic": "main.py", "plain": "bench/plain_desk.py"}
_GOOD_S: Final = 1.5
SHORT: Final = ((2, 4, 8), 20.0)
"""Numbers of callers and seconds of talk that show the difference in some four minutes."""


@dataclass(frozen=True)
class Side:
    """What one of the two came to.

    Args:
        name: which one.
        stages: with more callers each, until one was too many.
    """

    name: str
    stages: Sequence[Stage]

    @property
    def a_core(self) -> float:
        """Calls that were carried, for each core of the machine."""
        return carried(self.stages) / (psutil.cpu_count() or 1)

    def of_a_call(self) -> tuple[float, float, float]:
        """Return what a call takes: cores, private bytes, and bytes with its share of the rest.

        By the stage with the most callers of those that were measured.
        """
        stage = max((s for s in self.stages if s.use is not None), key=lambda s: s.callers)
        use = stage.use
        assert use is not None
        calls = max(len(stage.joins_s), 1)
        return (use.jobs + use.models + use.sfu) / calls, use.job_uss, use.worker_pss / calls


def is_carried(stage: Stage) -> bool:
    """Tell whether the median answer came within 1.5 s and no call or question was lost."""
    return (
        bool(stage.answers_s)
        and stage.unanswered == 0
        and statistics.median(stage.answers_s) <= _GOOD_S
    )


def carried(stages: Sequence[Stage]) -> int:
    """Return the most callers at once that were carried."""
    return max((stage.callers for stage in stages if is_carried(stage)), default=0)


async def compare(numbers: Sequence[int], seconds: float) -> list[Side]:
    """Call both, one after the other, with more and more callers until one of them is too many.

    Args:
        numbers: of callers, rising.
        seconds: of talk for each number.
    """
    return [
        Side(name, await run_stages(numbers, seconds, program, goes_on=is_carried))
        for name, program in _PROGRAMS.items()
    ]


def report(sides: Sequence[Side]) -> str:
    """Return both tables, and the two beside each other."""
    ours, plain = sides
    lines = [
        f"{side.name}: {carried(side.stages)} calls carried\n\n{table(side.stages)}\n"
        for side in sides
    ]
    lines += [
        "| | calls a core | a call: cores | MB of its own | MB of the worker |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for side in sides:
        cores, own, whole = side.of_a_call()
        sizes = f"{own / 1e6:.0f} | {whole / 1e6:.0f}"
        lines.append(f"| {side.name} | {side.a_core:.1f} | {cores:.2f} | {sizes} |")
    if plain.a_core:
        lines.append(f"\noffmic carries {ours.a_core / plain.a_core:.1f} times as many calls")
    return "\n".join(lines)


def measure_all() -> None:
    """Print the short comparison."""
    print(report(asyncio.run(compare(*SHORT))))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables and how many calls each carried."""
    parser = command("bench.capacity", __doc__)
    parser.add_argument("--callers", default=SHORT[0], type=counts, help="such as 2,4,8")
    parser.add_argument("--seconds", default=SHORT[1], type=float, help="of talk for each number")
    options = parser.parse_args(arguments)
    print(report(asyncio.run(compare(options.callers, options.seconds))))


if __name__ == "__main__":
    main()
