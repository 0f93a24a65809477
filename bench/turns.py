"""`python -m bench.turns`: how often a pause ends a turn too soon, and how long its end takes.

Forty utterances in two voices with a pause in each, and complete ones beside them.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import TYPE_CHECKING

from bench.command import command
from tests.fakes.desk import running_desk
from tests.fakes.pauses import (
    COMPLETE,
    VOICES,
    broken_utterances,
    say_broken,
    say_complete,
)
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fakes.desk import Desk
    from tests.fakes.pauses import Spoken


async def speak_all(desk: Desk, voice: str) -> list[Spoken]:
    """Say everything in one voice, in a room of its own."""
    async with visitor(desk.sfu, f"turns-{voice}") as one:
        await one.greeted()
        broken = [
            await say_broken(one, before, after, pause_s, voice)
            for before, after, pause_s in broken_utterances(voice)
        ]
        return broken + [await say_complete(one, text, voice) for text in COMPLETE]


async def _run() -> list[Spoken]:
    async with running_desk() as desk:
        by_voice = await asyncio.gather(*(speak_all(desk, voice) for voice in VOICES))
    return [spoken for some in by_voice for spoken in some]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print each utterance and the sums."""
    command("bench.turns", __doc__).parse_args(arguments)
    spoken = asyncio.run(_run())
    print("\n".join(map(str, spoken)))
    broken = [one for one in spoken if one.pause_s]
    complete = [one for one in spoken if not one.pause_s]
    print(f"\ncut off: {sum(one.cut_off for one in broken)} of {len(broken)}")
    for name, some in (("with a pause", broken), ("complete", complete)):
        waits_s = [one.waited_s for one in some if not one.cut_off]
        print(
            f"answered, {name}: median {statistics.median(waits_s) * 1000:.0f} ms, "
            f"worst {max(waits_s) * 1000:.0f} ms"
        )


if __name__ == "__main__":
    main()
