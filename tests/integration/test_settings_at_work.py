"""Settings that change what a room gets: a name for dispatch, sound behind the voice, `start`."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from livekit import rtc

from offmic.audit.completions import Says
from offmic.caller import Caller
from offmic.caller_audio import EAR_HZ, Ear
from tests.fakes.desk import SETTINGS, WIFI, model_settings, running_desk
from tests.fakes.openai_server import scripted_model
from tests.fakes.scripts import user_says
from tests.fakes.sfu import running_sfu
from tests.fakes.visitor import Visitor, visitor
from tests.fakes.worker import running_worker

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


async def test_an_office_is_a_track_of_its_own_where_somebody_types_while_the_agent_thinks() -> (
    None
):
    slow = user_says("garden")
    slow.answer = Says(["", "It is behind the house."], pause_s=2.0)
    async with (
        scripted_model(slow) as model,
        running_desk(model_settings(model) | {"OFFMIC_BACKGROUND": "office"}) as desk,
        visitor(desk.sfu, "office") as caller,
    ):
        ambience = Ear()
        await caller.caller.wait_for(lambda: _tracks(caller) == 2, _PATIENCE_S)
        await caller.caller.wait_for(lambda: _background(caller) is not None, _PATIENCE_S)
        track = _background(caller)
        assert track is not None
        ambience.listen(track)
        await caller.greeted()
        quiet, seen, asked_s = ambience.samples, len(caller.caller.events), time.monotonic()
        await caller.say("Where is the garden?")
        await caller.caller.wait_until_answered(seen, _PATIENCE_S)
        thinking = ambience.heard_since(asked_s)
        await ambience.aclose()
        assert 0 < _loudest(quiet) < _loudest(thinking) / 3


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


def _background(caller: Visitor) -> rtc.RemoteAudioTrack | None:
    agent = caller.caller.agent
    for publication in agent.track_publications.values() if agent is not None else ():
        if publication.name == "background_audio" and isinstance(
            publication.track, rtc.RemoteAudioTrack
        ):
            return publication.track
    return None


def _loudest(samples: NDArray[np.int16]) -> float:
    """Return the loudness of the loudest tenth of a second."""
    tenth = EAR_HZ // 10
    blocks = samples[: samples.size // tenth * tenth].reshape(-1, tenth).astype(np.float64)
    return float(np.sqrt((blocks**2).mean(axis=1)).max())
