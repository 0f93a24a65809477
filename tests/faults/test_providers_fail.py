"""Each way in which a provider fails, for each part, in a real call: what the caller hears of it.

`make faults` runs all of them and prints how long the caller waited; `make test` runs a sample.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal

import pytest
import pytest_asyncio

from offmic.audit.renderings import leaks
from tests.fakes.desk import DOOR, VALUES, WIFI, running_desk
from tests.fakes.figures import served
from tests.fakes.visitor import visitor
from tests.partners.cloud import running_cloud
from tests.partners.faults import ALL, MIDSTREAM, Fault

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
_REST_S: Final = {Fault.UNAUTHORISED: 60.0, Fault.RATE_LIMITED: 15.0}
_LEAST_REST_S: Final = 5.0
_INTO_SPEECH_S: Final = 0.8
_TURNS: Final = 4
"""A recogniser is asked again after one turn and hears the next one; a busy machine needs more."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def row() -> AsyncIterator[tuple[Cloud, Desk]]:
    """A desk whose every part is a cloud provider first and this device second."""
    async with running_cloud() as cloud:
        settings = {
            name: f"{value},local" if name.startswith("OFFMIC_") else value
            for name, value in cloud.settings.items()
        }
        async with running_desk(settings) as desk:
            # The first call loads models and fills the prompt's cache, which is no fault's doing.
            async with visitor(desk.sfu, "warm") as caller:
                await caller.greeted()
                await caller.ask("I need the door code.")
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
            counted = await served(desk.worker, "failures", part)
            asking = asyncio.create_task(caller.ask("What is the Wi-Fi password?"))
            if part == "stt":
                await asyncio.sleep(_INTO_SPEECH_S)
            await partner.break_with(fault)
            answer = await asking
        finally:
            await partner.mend()
        print(f"\n{part} {fault}: {_waited(caller)}: {answer.heard}")  # noqa: T201 - the table
        assert answer.shown == [("Wi-Fi password", WIFI)], answer
        assert "on your screen" in answer.heard.casefold()
        if part == "llm" and fault in MIDSTREAM:
            assert "again" in answer.heard.casefold()
        _check_nothing_said(answer)
        assert await served(desk.worker, "failures", part) > counted
        await _check_recovery(caller, desk, part, fault)


async def _check_recovery(caller: Visitor, desk: Desk, part: Part, fault: Fault) -> None:
    """Ask until the first in the row answers again; every answer on the way is right."""
    counted = await served(desk.worker, "recoveries", part)
    # A model is asked again beside each answer; a recogniser and a voice rest.
    rest_s = 0.0 if part == "llm" else _REST_S.get(fault, _LEAST_REST_S)
    for _ in range(_TURNS):
        await asyncio.sleep(rest_s)
        rest_s = min(rest_s, _LEAST_REST_S)
        again = await caller.ask("I need the door code.")
        assert again.shown == [("door code", DOOR)], again
        _check_nothing_said(again)
        if await served(desk.worker, "recoveries", part) > counted:
            return
    pytest.fail("it was not asked again")


def _waited(caller: Visitor) -> str:
    end_s = caller.caller.speech_end_s
    first_s = caller.caller.ear.first_sound_after(end_s)
    if first_s is None:
        return "no sound"
    texts = [e for e in caller.caller.events if e["event"] == "transcript" and e["who"] == "you"]
    heard = f"first sound after {first_s - end_s:.1f} s"
    if not texts:
        return f"not understood, {heard}"
    return f"understood after {caller.caller.joined_s + texts[-1]['t'] - end_s:.1f} s, {heard}"


def _check_nothing_said(answer: Answer) -> None:
    # Nor a piece of a handle, which is what was held back where a model broke off.
    assert "{" not in answer.written
    for value in VALUES.values():
        assert leaks(value, answer.heard) == leaks(value, answer.written) == []
