"""How a call goes on and ends: a caller may interrupt, may leave, and is waited for."""

from __future__ import annotations

import psutil
import pytest

from offmic.audit.bystander import bystander
from tests.fakes.desk import model_settings, running_desk
from tests.fakes.openai_server import scripted_model
from tests.fakes.scripts import says, user_says
from tests.fakes.visitor import visitor
from tests.fakes.waiting import eventually

pytestmark = pytest.mark.sfu

STORY = tuple(f"This is sentence number {n} of a long story. " for n in range(1, 30))
LAST_WORDS = "Here the story ends."


async def test_the_agent_stops_when_the_caller_interrupts() -> None:
    steps = [
        says(user_says("story"), *STORY, LAST_WORDS),
        says(user_says("stop"), "All right, I stop."),
    ]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model)) as desk,
        visitor(desk.sfu, "barge-in") as caller,
    ):
        await caller.greeted()
        await caller.say("Tell me a story.")
        await caller.agent_is("speaking")
        answer = await caller.ask("Please stop, I have heard enough of it.", until="I stop")
        assert "story ends" not in answer.heard.casefold()
        assert "i stop" in answer.heard.casefold()
        assert "story ends" not in answer.written


async def test_a_caller_who_stays_away_ends_the_session_and_its_process() -> None:
    # Somebody stays in the room: it is not for its emptiness that the job ends.
    async with (
        running_desk({"OFFMIC_RETURN_S": "1"}) as desk,
        bystander(desk.sfu, "left"),
    ):
        async with visitor(desk.sfu, "left") as caller:
            await caller.greeted()
            job = psutil.Process(desk.job_process("left"))
            assert job.is_running()
        await eventually(lambda: not job.is_running(), 30, "the job's process has ended")
        assert desk.worker.returncode is None
