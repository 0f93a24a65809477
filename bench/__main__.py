"""`python -m bench`: a real server, a real worker with all parts on the device, a real caller."""

from __future__ import annotations

import asyncio
import os
import platform
from typing import TYPE_CHECKING, Final

import psutil

from bench import capacity, egress, guard, inbound, interruptions, pairs, starts, waterfall
from bench.calls import REQUESTS, SMALL_TALK, time_answers, time_greetings
from bench.command import command
from bench.delivery import time_added, time_deliveries
from bench.figures import Figure, of_bytes, of_many_times, of_times, print_table
from bench.memory import measure
from tests.fakes.desk import running_desk
from tests.fakes.sfu import running_sfu
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fakes.desk import Desk

_GREETINGS: Final = 5
_DELIVERIES: Final = 200
_REPLIES: Final = 20


async def take_figures() -> list[Figure]:
    """Run everything that is measured, about five minutes of calls."""
    async with running_desk() as desk:
        greetings_s = await time_greetings(desk, _GREETINGS)
        await desk.worker.wait_for_output("process initialized", 60, count=_GREETINGS + 1)
        async with visitor(desk.sfu, "answers") as one:
            await one.greeted()
            requests_s = await time_answers(one, REQUESTS)
            small_talk_s = await time_answers(one, SMALL_TALK)
            memory = _memory(desk, "answers")
    deliveries = await _deliveries()
    how = "the caller's last sound to the answer's first, all parts on the device"
    return [
        of_times("end of speech to first sound, a secret is asked for", requests_s, how),
        of_times("end of speech to first sound, small talk", small_talk_s, how),
        of_times("room joined to greeting heard", greetings_s, "a loaded process was waiting"),
        *deliveries,
        *memory,
    ]


async def _deliveries() -> list[Figure]:
    # A server without a worker, which would send an agent into the room.
    async with running_sfu() as sfu:
        shown_s = await time_deliveries(sfu, _DELIVERIES)
        added_s = await time_added(sfu, _REPLIES)
    return [
        of_many_times("secret diverted to card acknowledged", shown_s, "on loopback, over the SFU"),
        of_many_times(
            "what a delivery adds to a spoken reply",
            added_s,
            "silence in the voice before the phrase, a sentence being spoken meanwhile",
        ),
    ]


def _memory(desk: Desk, room: str) -> list[Figure]:
    job = measure([psutil.Process(desk.job_process(room))])
    everything = desk.worker.processes()
    whole = measure(everything)
    return [
        of_bytes("memory of a job process, PSS", job.pss, "after 30 turns; shared pages by share"),
        of_bytes("memory of a job process, USS", job.uss, "its private pages alone"),
        of_bytes(
            "memory of the worker, PSS",
            whole.pss,
            f"all {len(everything)} processes, with one call and one waiting process",
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    command("bench", __doc__).parse_args(arguments)
    load = os.getloadavg()[0]
    figures = asyncio.run(take_figures())
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load before {load:.1f}\n")
    print_table(figures)
    print("\nbeside the same desk without guard, vault and delivery")
    print_table(pairs.figures())
    print("\nthe caller speaks or coughs while the agent speaks")
    print_table(interruptions.figures())
    print("\nstarts")
    starts.main([])
    print("\ncallers at once, beside a plain session of the framework")
    capacity.measure_all()
    print("\negress and the inbound guard")
    print_table(egress.measure_all())
    print("\nwhere the time of a turn goes")
    waterfall.main()
    print("\nthe guard")
    guard.measure_all(renderings=200, count=1_000_000)
    print("\nthe caller's words")
    inbound.measure_all()


if __name__ == "__main__":
    main()
