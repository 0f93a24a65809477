"""A fleet that carries many calls: rolled under them, and spread over two nodes of the SFU.

`make faults` runs it; the seed is printed, and each history is kept in `build/faults`.
"""

from __future__ import annotations

import os
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from tests.fakes.fleet import running_fleet
from tests.fakes.worker import running_worker
from tests.faults.many_calls import many_calls

if TYPE_CHECKING:
    from tests.faults.many_calls import Report

pytestmark = pytest.mark.sfu

_ROLLED_CALLS = int(os.environ.get("CALLS", "10"))
_SPREAD_CALLS = int(os.environ.get("CALLS", "8"))
_SPEAKING = int(os.environ.get("SPEAKING", "1"))
# Not at DEBUG: what is logged is looked through, and ten calls log a lot.
_COMMAND = ("start", "--drain-timeout", "24")


async def test_rolling_a_fleet_under_calls_cuts_none() -> None:
    async with (
        running_fleet(workers=3, command=_COMMAND) as fleet,
        AsyncExitStack() as stack,
        many_calls(fleet, _ROLLED_CALLS, fleet.nodes, _SPEAKING) as calls,
    ):
        await calls.ask_each()
        for old in list(fleet.workers):
            new = await stack.enter_async_context(
                running_worker(fleet.sfu, fleet.settings(), _COMMAND)
            )
            fleet.workers.append(new)
            os.kill(old.pid, signal.SIGTERM)
            assert await old.wait(90) == 0, "the drain time was not enough"
        await calls.ask_each()
        report = await calls.report(f"roll_{_ROLLED_CALLS}_calls")
        sent = sum(watch.output.count("sending another one") for watch in fleet.watchers)
    _assert_whole(report)
    assert min(report.handed_over) >= 1
    assert sent == 0, "the watcher had to send an agent"


async def test_calls_spread_over_two_nodes_and_two_workers_and_none_gets_anothers() -> None:
    async with (
        running_fleet(workers=2, nodes=2, command=_COMMAND) as fleet,
        many_calls(fleet, _SPREAD_CALLS, fleet.nodes, _SPEAKING) as calls,
    ):
        for _ in range(3):
            await calls.ask_each()
        report = await calls.report(f"spread_{_SPREAD_CALLS}_calls")
        hosts = {await fleet.host_of(f"call-{n}") for n in range(_SPREAD_CALLS)}
    assert len(hosts) == 2, "all rooms were on one node"
    assert min(report.spread.values()) >= 1, "a worker had nothing to do"
    assert sum(report.spread.values()) == _SPREAD_CALLS
    _assert_whole(report)


def _assert_whole(report: Report) -> None:
    assert report.cut == 0
    assert report.unanswered == 0
    assert report.agents == 1
    assert report.voices == 1
    assert report.crossed == 0
    assert report.leaked == []
