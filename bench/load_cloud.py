"""`python -m bench.load_cloud`: callers of a desk whose parts are the cloud's, by their wire.

The plugins are real; the providers are partners on this machine that know the callers' questions
and cost little, so that what is measured is the worker. It must never call a provider.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bench.command import command
from bench.load import Stage, counts, run_stage, table
from bench.load_caller import Place, synthesize_questions
from tests.fakes.desk import running_desk
from tests.partners.light import running_light_cloud

if TYPE_CHECKING:
    from collections.abc import Sequence

_RATE_HZ: Final = 48_000
"""Of the questions, as `bench.load_caller` makes them."""


async def measure(numbers: list[int], seconds: float) -> list[Stage]:
    """Call with each of these numbers of callers, one after another.

    Args:
        numbers: of callers.
        seconds: of talk for each number.
    """
    stages = []
    async with (
        running_light_cloud(synthesize_questions(), _RATE_HZ) as cloud,
        running_desk(cloud.settings) as desk,
    ):
        await desk.worker.wait_for_output("process initialized", 60)
        place = Place(desk.sfu.url, desk.sfu.api_key, desk.sfu.api_secret)
        for number in numbers:
            stages.append(await run_stage(place, number, seconds, desk))
            assert cloud.brain.requests, "the cloud was not asked"
    return stages


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = command("bench.load_cloud", __doc__)
    parser.add_argument("--callers", default="1,10", type=counts, help="such as 1,2,4,8")
    parser.add_argument("--seconds", default=60.0, type=float, help="of talk for each number")
    options = parser.parse_args(arguments)
    print(table(asyncio.run(measure(options.callers, options.seconds))))


if __name__ == "__main__":
    main()
