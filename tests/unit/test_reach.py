"""Whether a job's SFU answers: seconds without an answer, and never a guess."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from offmic.fleet.reach import Reach
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

pytestmark = pytest.mark.virtual_time


class Asked(Reach):
    """One whose SFU is, or is not, there."""

    def __init__(self) -> None:
        super().__init__("ws://127.0.0.1:7880")
        self.there = True
        self.hangs_s = 2.0
        self.stands_still = False
        self.asked = 0

    async def _ask(self, http: aiohttp.ClientSession) -> bool:
        self.asked += 1
        assert self._url == "http://127.0.0.1:7880"
        if self.stands_still:
            # The loop comes back, and finds that the time for an answer is over.
            await asyncio.sleep(4)
            return False
        if not self.there:
            await asyncio.sleep(self.hangs_s)
        return self.there


@asynccontextmanager
async def watching() -> AsyncIterator[Asked]:
    one = Asked()
    task = asyncio.create_task(one.watch())
    yield one
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("hangs_s", [0.0, 2.0])
async def test_an_sfu_that_falls_silent_is_missed_in_seconds_and_found_at_once(
    hangs_s: float,
) -> None:
    async with watching() as one:
        await asyncio.sleep(60)
        assert not one.cut_off
        one.there, one.hangs_s = False, hangs_s
        before_s = time.monotonic()
        await eventually(lambda: one.cut_off, 30, "it is missed")
        took_s = time.monotonic() - before_s
        assert 3 <= took_s <= 5.5
        seen = set()
        for _ in range(30):
            await asyncio.sleep(1)
            seen.add(one.cut_off)
        one.there = True
        await eventually(lambda: not one.cut_off, 2.5, "it is found")
        assert seen == {True}


async def test_a_short_pause_is_none() -> None:
    async with watching() as one:
        await asyncio.sleep(10)
        one.there = False
        await asyncio.sleep(2)
        one.there = True
        for _ in range(50):
            await asyncio.sleep(0.1)
            assert not one.cut_off


async def test_an_sfu_that_never_answered_such_a_question_is_not_missed() -> None:
    async with watching() as one:
        one.there = False
        await asyncio.sleep(60)
        assert one.asked > 20
        assert not one.cut_off


async def test_a_job_that_stood_still_itself_does_not_blame_the_sfu() -> None:
    async with watching() as one:
        await asyncio.sleep(10)
        one.stands_still = True
        await asyncio.sleep(60)
        assert one.asked > 20
        assert not one.cut_off
