"""Settings that change what a room gets: a name for dispatch, sound behind the voice, `start`."""

from __future__ import annotations

import json

import pytest

from offmic.caller import Caller
from tests.fakes.desk import SETTINGS, WIFI, running_desk
from tests.fakes.sfu import running_sfu
from tests.fakes.visitor import Visitor, visitor
from tests.fakes.worker import running_worker

pytestmark = pytest.mark.sfu

_PATIENCE_S = 60.0


async def test_with_a_name_the_agent_comes_to_rooms_that_ask_for_it_alone() -> None:
    async with running_desk({"OFFMIC_AGENT_NAME": "desk"}) as desk:
        sfu = desk.sfu
        async with (
            visitor(sfu, "unnamed") as uninvited,
            Caller(sfu.url, sfu.api_key, sfu.api_secret, "named", agent_name="desk") as caller,
        ):
            named = Visitor(caller)
            await named.greeted()
            answer = await named.ask("What is the Wi-Fi password?")
            assert answer.shown == [("Wi-Fi password", WIFI)]
            assert uninvited.caller.agent is None


async def test_ambient_sound_is_a_track_of_its_own() -> None:
    async with (
        running_desk({"OFFMIC_BACKGROUND": "office"}) as desk,
        visitor(desk.sfu, "office") as caller,
    ):
        await caller.caller.wait_for(lambda: _tracks(caller) == 2, _PATIENCE_S)


async def test_start_logs_what_fleets_look_for_as_json() -> None:
    async with (
        running_sfu() as sfu,
        running_worker(sfu, SETTINGS, ("start",)) as worker,
        visitor(sfu, "production") as caller,
    ):
        await caller.greeted()
        answer = await caller.ask("What is the Wi-Fi password?")
        assert answer.shown == [("Wi-Fi password", WIFI)]
        lines = [json.loads(line) for line in worker.output.splitlines() if line.startswith("{")]
        assert "registered worker" in [line["message"] for line in lines]
        jobs = [line for line in lines if line["message"] == "received job request"]
        assert [job["room"] for job in jobs] == ["production"]


def _tracks(caller: Visitor) -> int:
    agent = caller.caller.agent
    return len(agent.track_publications) if agent is not None else 0
