"""The examples, each run as its reader runs it: a worker on a real server, a caller who speaks."""

from __future__ import annotations

import pytest

from tests.fakes.desk import model_settings, running_desk
from tests.fakes.openai_server import scripted_model
from tests.fakes.renderings import leaks
from tests.fakes.scripts import calls, repeats_handle, user_says
from tests.fakes.visitor import visitor

pytestmark = pytest.mark.sfu


async def test_an_agent_of_ones_own_shows_what_its_tool_returns() -> None:
    steps = [
        calls(user_says("locker"), "locker_code", number=2),
        repeats_handle("The code is ", "."),
    ]
    async with (
        scripted_model(*steps) as model,
        running_desk(model_settings(model), "examples/minimal.py") as desk,
        visitor(desk.sfu, "lockers") as caller,
    ):
        await caller.greeted()
        answer = await caller.ask("What is the code of locker two?")
        assert answer.shown == [("code of locker 2", "4821")]
        for sink in (model.everything, desk.worker.output, answer.heard, answer.written):
            assert not leaks("4821", sink)
