"""`python -m bench.starts`: how soon a worker is registered, and how soon a job is in its room.

The worker's time stands beside a bare worker's. It must never be run while something else runs:
imports are most of a start.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING, Final

from livekit import api, rtc

from bench.command import command
from bench.figures import of_times, print_table
from offmic.caller import Caller
from tests.fakes.desk import SETTINGS
from tests.fakes.sfu import running_sfu
from tests.fakes.worker import running_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.figures import Figure
    from tests.fakes.sfu import Sfu

_PROGRAMS: Final = {"bare": "bench/bare_worker.py", "offmic": "main.py"}
_START: Final = ("start", "--log-level", "INFO")
_TIMES: Final = 3
_JOBS: Final = 6
_NAME: Final = "desk"
_JOB_S: Final = 30.0


async def time_start(sfu: Sfu, program: str) -> float:
    """Return the time from a process's start to its registration, in seconds."""
    start_s = time.monotonic()
    async with running_worker(sfu, SETTINGS, _START, program):
        return time.monotonic() - start_s


async def time_jobs(sfu: Sfu, count: int) -> list[float]:
    """Return for so many jobs the time from the dispatch to the agent being in the room.

    A loaded process waits for each. The agent is there when a participant sees it, which is when
    it has published its voice.
    """
    settings = SETTINGS | {"OFFMIC_AGENT_NAME": _NAME}
    times_s = []
    async with (
        # In `dev`: `start` would wait at its end for calls whose callers may come back.
        running_worker(sfu, settings) as worker,
        api.LiveKitAPI(sfu.url, sfu.api_key, sfu.api_secret) as livekit,
    ):
        for number in range(count):
            room = f"start-{number}"
            await worker.wait_for_output("process initialized", _JOB_S, count=1 + number)
            async with Caller(sfu.url, sfu.api_key, sfu.api_secret, room, record=False) as caller:
                there: asyncio.Future[float] = asyncio.get_running_loop().create_future()
                caller.room.on("track_published", _notes_time_in(there))
                start_s = time.monotonic()
                await livekit.agent_dispatch.create_dispatch(
                    api.CreateAgentDispatchRequest(agent_name=_NAME, room=room)
                )
                times_s.append(await asyncio.wait_for(there, _JOB_S) - start_s)
    return times_s


def _notes_time_in(there: asyncio.Future[float]) -> Callable[..., None]:
    def note(_: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
        is_agent = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        if is_agent and not there.done():
            there.set_result(time.monotonic())

    return note


async def take_figures() -> list[Figure]:
    """Run all of it, about a minute."""
    times_s: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
    async with running_sfu() as sfu:
        # In turn, so that what else the machine does falls on both.
        for _ in range(_TIMES):
            for name, program in _PROGRAMS.items():
                times_s[name].append(await time_start(sfu, program))
        jobs_s = await time_jobs(sfu, _JOBS)
    ratio = statistics.median(times_s["offmic"]) / statistics.median(times_s["bare"])
    how = "`start`, from the process's start, with two processes loaded for jobs"
    return [
        of_times(
            "a worker is registered", times_s["offmic"], f"{ratio:.2f} times a bare one's; {how}"
        ),
        of_times("a bare worker is registered", times_s["bare"], how),
        of_times(
            "a job is in its room", jobs_s, "dispatched to its voice published, seen by a caller"
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    command("bench.starts", __doc__).parse_args(arguments)
    print_table(asyncio.run(take_figures()))


if __name__ == "__main__":
    main()
