"""Each way in which a provider fails, for each part, in a real call: what the caller hears of it.

`make faults` runs all of them and prints how long the caller waited; `make test` runs a sample.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, Literal

import aiohttp
import pytest
import pytest_asyncio

from offmic.audit.renderings import leaks
from tests.fakes.desk import DOOR, VALUES, WIFI, running_desk
from tests.fakes.visitor import visitor
from tests.partners.cloud import running_cloud
from tests.partners.faults import ALL, Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.desk import Desk
    from tests.fakes.visitor import Answer, Visitor
    from tests.partners.cloud import Cloud
    from tests.partners.faults import Partner

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="module")]

Part = Literal["stt", "llm", "tts"]
_PARTS: Final[tuple[Part, ...]] = ("stt", "llm", "tts")
_SAMPLE: Final[tuple[tuple[Part, Fault], ...]] = (
    ("stt", Fault.SILENT),
    ("llm", Fault.DROPPED),
    ("tts", Fault.TIMEOUT),
)
_CASES: Final = [(part, fault) for part in _PARTS for fault in Fault] if ALL else _SAMPLE
_LONG_REST: Final = {Fault.UNAUTHORISED, Fault.RATE_LIMITED}
_RESTED_S: Final = 5.5
_INTO_SPEECH_S: Final = 0.8


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def row() -> AsyncIterator[tuple[Cloud, Desk]]:
    """A desk whose every part is a cloud provider first and this device second."""
    async with running_cloud() as cloud:
        settings = {
            name: f"{value},local" if name.startswith("OFFMIC_") else value
            for name, value in cloud.settings.items()
        }
        async with running_desk(settings) as desk:
            yield cloud, desk


def _partner(cloud: Cloud, part: Part) -> Partner:
    partners: dict[Part, Partner] = {"stt": cloud.ear, "llm": cloud.brain, "tts": cloud.voice}
    return partners[part]


@pytest.mark.parametrize(("part", "fault"), _CASES)
async def test_the_next_in_the_row_answers_in_the_same_turn(
    row: tuple[Cloud, Desk], part: Part, fault: Fault
) -> None:
    cloud, desk = row
    partner = _partner(cloud, part)
    async with visitor(desk.sfu, f"{part}-{fault.name}") as caller:
        try:
            await caller.greeted()
            counted = await _failures(desk, part)
            asking = asyncio.create_task(caller.ask("What is the Wi-Fi password?"))
            if part == "stt":
                await asyncio.sleep(_INTO_SPEECH_S)
            await partner.break_with(fault)
            answer = await asking
            print(f"\n{part} {fault}: {_waited(caller)}: {answer.heard}")  # noqa: T201 - the table
            assert answer.shown == [("Wi-Fi password", WIFI)], answer
            assert "on your screen" in answer.heard.casefold()
            _check_nothing_said(answer)
            assert await _failures(desk, part) > counted
        finally:
            await partner.mend()
        if fault in _LONG_REST:
            return
        await asyncio.sleep(_RESTED_S)
        before = partner.asked
        again = await caller.ask("I need the door code.")
        assert again.shown == [("door code", DOOR)], again
        _check_nothing_said(again)
        # For a recogniser this turn is where it is asked again, and heard by.
        if part != "stt":
            assert partner.asked > before, "it was not asked again"


async def _failures(desk: Desk, part: Part) -> float:
    """Return what the worker's metrics count of a part's failures."""
    port = re.search(r"HTTP server listening on [^:]+:(\d+)", desk.worker.output)
    assert port
    url = f"http://127.0.0.1:{port[1]}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        figures = await answer.text()
    name = f'offmic_provider_failures_total{{provider="{part}"}}'
    return sum(float(line.split()[-1]) for line in figures.splitlines() if line.startswith(name))


def _waited(caller: Visitor) -> str:
    end_s = caller.caller.speech_end_s
    first_s = caller.caller.ear.first_sound_after(end_s)
    return f"first sound after {first_s - end_s:.1f} s" if first_s is not None else "no sound"


def _check_nothing_said(answer: Answer) -> None:
    for value in VALUES.values():
        assert leaks(value, answer.heard) == leaks(value, answer.written) == []
