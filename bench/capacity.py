"""`python -m bench.capacity`: the desk and a plain one, with as many callers, in one run.

The plain one is `bench/plain_desk.py`. It must never be called a product: it is what one puts
together first with the same framework and the same models.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from typing import TYPE_CHECKING, Final

from bench.load import counts, run_stages, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.load import Stage

_PROGRAMS: Final = {"offmic": "main.py", "plain": "bench/plain_desk.py"}
_GOOD_S: Final = 1.5


def carried(stages: Sequence[Stage]) -> int:
    """Return the most callers at once with a median answer within 1.5 s and no question lost."""
    good = [
        stage.callers
        for stage in stages
        if stage.answers_s
        and stage.unanswered == 0
        and statistics.median(stage.answers_s) <= _GOOD_S
    ]
    return max(good, default=0)


def main() -> None:
    """Print both tables and how many calls each carried."""
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__)
    parser.add_argument("--callers", default="2,4,8", type=counts, help="such as 2,4,8")
    parser.add_argument("--seconds", default=30.0, type=float, help="of talk for each number")
    options = parser.parse_args()
    for name, program in _PROGRAMS.items():
        stages = asyncio.run(run_stages(options.callers, options.seconds, program))
        print(f"\n{name}: {carried(stages)} calls carried\n\n{table(stages)}")


if __name__ == "__main__":
    main()
