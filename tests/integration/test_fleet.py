"""An agent dies in mid-call: with `offmic watch` another one speaks, without it nobody does."""

from __future__ import annotations

import pytest

from tests.fakes.desk import DOOR
from tests.fakes.fleet import kill, patient_visitor, running_fleet

pytestmark = pytest.mark.sfu

_NOBODY_FOR_S = 4.0


async def test_a_job_is_killed_and_one_other_agent_says_that_it_is_back() -> None:
    async with (
        running_fleet(workers=1, watchers=0) as fleet,
        patient_visitor(fleet.sfu, "lobby") as caller,
    ):
        await caller.greeted()
        (lost,) = await fleet.agents("lobby")
        events, when_s = len(caller.caller.events), caller.now_s
        kill(fleet.serving("lobby")[1])
        # Without a watcher nobody comes: neither the SFU nor the worker sends another agent.
        assert await caller.back_after(events, when_s, _NOBODY_FOR_S) is None
        for _ in range(2):
            await fleet.add_watcher()
        assert await caller.back_after(events, when_s) is not None
        assert "I am back" in caller.caller.transcripts[-1][1]
        assert "ask me for again" in caller.caller.transcripts[-1][1]
        (found,) = await fleet.agents("lobby")
        assert found != lost
        # Both saw it, one acted.
        sent = [watch.output.count("sending another one") for watch in fleet.watchers]
        assert sorted(sent) == [0, 1]
        assert (await caller.ask("What is the door code?")).shown == [("door code", DOOR)]
