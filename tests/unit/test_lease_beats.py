"""What a holder does at each beat: it leaves when the room is another's, and for no other reason.

Over a real Redis the same is tested in `tests/integration/test_lease.py`.
"""

from __future__ import annotations

import asyncio
import mmap
import os
from typing import TYPE_CHECKING, cast

import pytest

from offmic.fleet.lease import Lease
from offmic.fleet.register import BEAT_S, Held, Register, Taken

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.virtual_time

_LONG_S = 60.0


class TheRegister:
    """Answers each beat as it is told to."""

    def __init__(self) -> None:
        self.answer: Callable[[], bool | None] = lambda: True
        self.again: Taken | Held = Taken(resumed=False, asker="")
        self.beats: list[str] = []
        self.taken = 0

    async def beat(self, room: str, holder: str, asker: str) -> bool | None:
        self.beats.append(f"{room} {holder} {asker}")
        return self.answer()

    async def take(self, *_: object) -> Taken | Held:
        self.taken += 1
        return self.again

    async def release(self, *_: object) -> None:
        pass


class Holder:
    """A job that holds its room."""

    def __init__(self) -> None:
        self.register = TheRegister()
        self.alive = True
        self.lost = 0
        register = cast("Register", self.register)
        self.lease = Lease("lobby", "job", "agent-job", "", register=register)
        self.lease.keep(lambda: self.alive, lambda: "anna", self._lose)

    async def _lose(self) -> None:
        self.lost += 1

    async def go_on(self, for_s: float = _LONG_S) -> int:
        """Let time pass; return how often it beat meanwhile."""
        before = len(self.register.beats)
        await asyncio.sleep(for_s)
        return len(self.register.beats) - before


async def test_a_holder_beats_and_says_whom_it_listens_to() -> None:
    holder = Holder()
    assert await holder.go_on() == pytest.approx(_LONG_S / BEAT_S, abs=2)
    assert set(holder.register.beats) == {"lobby job anna"}
    await holder.lease.release(is_over=True)
    assert await holder.go_on() == 0
    assert holder.lost == 0


async def test_who_is_told_that_another_one_has_the_room_leaves_once() -> None:
    holder = Holder()
    await holder.go_on()
    holder.register.answer = lambda: False
    await holder.go_on()
    assert holder.lost == 1
    assert await holder.go_on() == 0
    assert holder.register.taken == 0, "it does not ask for the room again"


async def test_who_cannot_serve_does_not_beat() -> None:
    holder = Holder()
    holder.alive = False
    assert await holder.go_on() == 0
    holder.alive = True
    assert await holder.go_on() > 0
    await holder.lease.release(is_over=True)


async def test_a_redis_that_is_away_is_no_reason_to_leave() -> None:
    holder = Holder()

    def away() -> bool:
        raise ConnectionError

    holder.register.answer = away
    await holder.go_on()
    holder.register.answer = lambda: True
    assert await holder.go_on() > 0
    assert holder.lost == 0
    await holder.lease.release(is_over=True)


async def test_who_is_forgotten_takes_its_room_again_and_serves_on() -> None:
    holder = Holder()
    answers = iter([None])
    holder.register.answer = lambda: next(answers, True)
    assert await holder.go_on() > 1
    assert holder.register.taken == 1
    assert holder.lost == 0
    await holder.lease.release(is_over=True)


async def test_who_is_forgotten_and_finds_another_one_leaves() -> None:
    holder = Holder()
    holder.register.answer = lambda: None
    holder.register.again = Held("2", "7")
    await holder.go_on()
    assert holder.lost == 1


async def test_a_job_without_memory_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    holder = Holder()
    await holder.go_on(BEAT_S * 3)
    ended: list[int] = []

    def no_memory(*_: object) -> None:
        raise OSError

    def end(code: int) -> None:
        ended.append(code)
        raise asyncio.CancelledError  # as far as a test lets it

    with monkeypatch.context() as patched:
        patched.setattr(mmap, "mmap", no_memory)
        patched.setattr(os, "_exit", end)
        assert await holder.go_on() == 0
    assert ended == [1]
