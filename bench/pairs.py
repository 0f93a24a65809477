"""`python -m bench.pairs`: the front desk beside the same one without guard, vault and delivery.

Both serve a caller at the same time, in one worker; while one is asked, the other's caller is
silent. It must never take the one's times from another run than the other's.
"""

from __future__ import annotations

import asyncio
import re
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bench.calls import time_answers
from bench.command import command
from bench.figures import Figure, of_times, print_table
from bench.two_desks import ADDED, UNGUARDED
from tests.fakes.desk import running_desk
from tests.fakes.visitor import visitor
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fakes.visitor import Visitor

_PAIRS: Final = 60
_QUESTIONS: Final = (
    "What is the Wi-Fi password?",
    "What is the door code?",
    "How are you today?",
    "Please tell me the magic word.",
)
_WRITTEN_S: Final = 5.0
_SMALL_TALK: Final = 2
"""The place of the one question that asks for no secret."""
_STAMPS: Final = re.compile(rf"{ADDED} ([\d.]+) ([\d.]+)")


@dataclass(frozen=True)
class Compared:
    """What both took for the same questions, in seconds, pair by pair.

    Args:
        guarded: from the caller's last sound to the answer's first.
        unguarded: likewise.
        guard: what guard and vault computed in each turn between its end and the answer's first
            sound, by time stamps inside it.
        delivery: likewise, by how much the voice was late because it waited for the receiver.
    """

    guarded: list[float]
    unguarded: list[float]
    guard: list[float]
    delivery: list[float]

    @property
    def ratio(self) -> float:
        """The median of guarded / unguarded, pair by pair."""
        pairs = zip(self.guarded, self.unguarded, strict=True)
        return statistics.median(guarded / unguarded for guarded, unguarded in pairs)


async def compare(count: int) -> Compared:
    """Ask both this many times, in the order A B B A, so that no drift falls on one of them."""
    async with (
        running_desk(program="bench/two_desks.py") as desk,
        visitor(desk.sfu, "guarded") as guarded,
        visitor(desk.sfu, UNGUARDED) as unguarded,
    ):
        await guarded.greeted()
        await unguarded.greeted()
        for one in (guarded, unguarded):
            await _ask(one, 0)  # what is done once a call is no part of a turn
        before = len(desk.worker.output)
        times_s: dict[Visitor, list[float]] = {guarded: [], unguarded: []}
        for turn in range(count):
            order = (guarded, unguarded) if turn % 2 else (unguarded, guarded)
            for one in order:
                times_s[one].append(await _ask(one, turn))

        def written() -> list[tuple[str, str]]:
            return _STAMPS.findall(desk.worker.output[before:])

        await eventually(lambda: len(written()) >= count, _WRITTEN_S, "each turn has its stamps")
        stamps = written()
    if len(stamps) != count:
        raise RuntimeError(f"{len(stamps)} time stamps for {count} turns")
    guard, delivery = ([float(ms) / 1000 for ms in part] for part in zip(*stamps, strict=True))
    return Compared(times_s[guarded], times_s[unguarded], guard, delivery)


async def _ask(one: Visitor, turn: int) -> float:
    (time_s,) = await time_answers(one, (_QUESTIONS[turn % len(_QUESTIONS)],))
    return time_s


def figures(count: int = _PAIRS) -> list[Figure]:
    """Take the times of this many pairs."""
    compared = asyncio.run(compare(count))
    added = [sum(both) for both in zip(compared.guard, compared.delivery, strict=True)]
    secrets = [place for place in range(count) if place % len(_QUESTIONS) != _SMALL_TALK]
    how = "the caller's last sound to the answer's first; both in one worker, asked in turn"
    return [
        of_times("end of speech to first sound, guarded", compared.guarded, how),
        of_times("end of speech to first sound, unguarded", compared.unguarded, how),
        Figure("guarded / unguarded", f"{compared.ratio:.3f}", f"median of {count} pairs"),
        _of_stamps("guard, vault and delivery in a turn", added, "what they added"),
        _of_stamps(
            "... where a secret is asked for", [added[n] for n in secrets], "what they added"
        ),
        _of_stamps(
            "... of it delivery",
            [compared.delivery[n] for n in secrets],
            "how late the voice was for the receiver",
        ),
    ]


def _of_stamps(name: str, times_s: list[float], how: str) -> Figure:
    median, worst = statistics.median(times_s), max(times_s)
    value = f"median {median * 1000:.1f} ms, worst {worst * 1000:.1f} ms"
    return Figure(
        name, value, f"{how} before its first sound; by time stamps in {len(times_s)} turns"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    command("bench.pairs", __doc__).parse_args(arguments)
    print_table(figures())


if __name__ == "__main__":
    main()
