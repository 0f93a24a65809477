"""A secret waits for the sentence before its own to be heard, and is kept where that never is."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from offmic.playout import Playout, Voices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from livekit.agents import AgentSession

pytestmark = pytest.mark.virtual_time

BEFORE = "Here is what you asked for. "
SPOKEN_S = 1.5
GRACE_S = 0.1


async def written(playout: Playout, *parts: str) -> None:
    async def text() -> AsyncIterator[str]:
        for part in parts:
            yield part

    async for _ in playout.follow(text()):
        pass


async def reached_within(playout: Playout, within_s: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(playout.reach(), within_s)
        return True
    return False


@pytest.fixture
def voices() -> Voices:
    voices = Voices()
    voices.clock.set(speaking=True)
    return voices


async def test_the_first_sentence_waits_for_nothing(voices: Voices) -> None:
    playout = voices.open("speech", lambda: True)
    await written(playout, "The door code is ")
    assert await reached_within(playout, GRACE_S)


async def test_a_clause_of_the_first_sentence_is_not_waited_for(voices: Voices) -> None:
    playout = voices.open("speech", lambda: True)
    await written(playout, "Sure, here you are, the door code is ")
    playout.made(SPOKEN_S)
    assert await reached_within(playout, GRACE_S)


async def test_what_was_heard_of_another_speech_counts_for_nothing(voices: Voices) -> None:
    due = False
    playout = voices.open("speech", lambda: due)
    await written(playout, BEFORE, "The door code is ")
    playout.made(SPOKEN_S)
    await asyncio.sleep(1.0)
    due = True
    assert not await reached_within(playout, 0.6)


async def test_what_was_heard_of_earlier_speeches_counts_for_nothing(voices: Voices) -> None:
    await asyncio.sleep(1.0)
    playout = voices.open("speech", lambda: True)
    await written(playout, BEFORE, "The door code is ")
    playout.made(SPOKEN_S)
    assert not await reached_within(playout, 0.6)


class StatedSession:
    """What of a session the clock listens to."""

    def __init__(self) -> None:
        self.agent_state = "speaking"
        self.handlers: list[Callable[[SimpleNamespace], None]] = []

    def on(self, event: str, handler: Callable[[SimpleNamespace], None]) -> None:
        assert event == "agent_state_changed"
        self.handlers.append(handler)

    def become(self, state: str) -> None:
        for handler in self.handlers:
            handler(SimpleNamespace(new_state=state))


async def test_the_clock_runs_while_the_agent_speaks() -> None:
    session, voices = StatedSession(), Voices()
    for _ in range(2):  # each speech of a session asks for it
        voices.listen(cast("AgentSession[Any]", session))
    assert len(session.handlers) == 1
    await asyncio.sleep(0.1)
    spoken_s = voices.clock.spoken_s
    assert spoken_s >= 0.1
    session.become("listening")
    stopped_s = voices.clock.spoken_s
    await asyncio.sleep(0.1)
    assert voices.clock.spoken_s == stopped_s
    session.become("speaking")
    await asyncio.sleep(0.1)
    assert voices.clock.spoken_s >= stopped_s + 0.1


async def test_old_speeches_are_forgotten(voices: Voices) -> None:
    for number in range(40):
        voices.next_writing(f"speech {number}")
        voices.open(f"speech {number}", lambda: True)
    assert voices.next_writing("speech 0") == 0
    assert voices.next_writing("speech 39") == 1


async def test_a_speech_whose_turn_has_not_come_waits(voices: Voices) -> None:
    due = False
    playout = voices.open("speech", lambda: due)
    await written(playout, "The door code is ")
    assert not await reached_within(playout, GRACE_S)
    due = True
    assert await reached_within(playout, GRACE_S)


async def test_a_later_sentence_waits_until_the_one_before_it_was_heard(voices: Voices) -> None:
    playout = voices.open("speech", lambda: True)
    await written(playout, BEFORE, "The door code is ")
    playout.made(SPOKEN_S)
    assert not await reached_within(playout, 0.5)
    assert await reached_within(playout, 1.0)


async def test_a_pause_of_the_voice_counts_for_nothing(voices: Voices) -> None:
    playout = voices.open("speech", lambda: True)
    await written(playout, BEFORE, "The door code is ")
    playout.made(SPOKEN_S)
    voices.clock.set(speaking=False)
    assert not await reached_within(playout, SPOKEN_S + GRACE_S)
    voices.clock.set(speaking=True)
    assert await reached_within(playout, SPOKEN_S)


async def test_a_gap_in_the_voice_counts_for_nothing(voices: Voices) -> None:
    playout = voices.open("speech", lambda: True)
    await written(playout, BEFORE, "The door code is ")
    playout.made(0.1)
    await asyncio.sleep(0.8)
    playout.made(SPOKEN_S)
    assert not await reached_within(playout, 0.7)
    assert await reached_within(playout, SPOKEN_S)


async def test_a_voice_that_waits_for_more_text_is_not_waited_for(voices: Voices) -> None:
    playout = voices.open("speech", lambda: True)
    await written(playout, "Sure. ", "The door code is ")
    assert not await reached_within(playout, 1.0)
    assert await reached_within(playout, 1.0)


async def test_a_slow_voice_is_heard_to_its_end_before_it_is_given_up(
    voices: Voices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offmic.playout._SILENT_S", 0.2)
    playout = voices.open("speech", lambda: True)
    await written(playout, f"{BEFORE * 4}The door code is ")
    playout.made(SPOKEN_S)
    assert not await reached_within(playout, 1.0)
    assert await reached_within(playout, 1.0)


async def test_the_writing_sends_once_the_voice_has_sent(voices: Voices) -> None:
    sent = False
    with voices.open("speech", lambda: True):
        part = voices.next_writing("speech")
        following = asyncio.ensure_future(voices.follow("speech", part, lambda: sent))
        await asyncio.sleep(GRACE_S)
        assert not following.done()
        sent = True
        assert await following


async def test_the_writing_keeps_what_a_voice_that_was_cut_off_did_not_reach(
    voices: Voices,
) -> None:
    part = voices.next_writing("speech")
    with suppress(asyncio.CancelledError), voices.open("speech", lambda: True):
        raise asyncio.CancelledError
    assert not await voices.follow("speech", part, lambda: False)


async def test_the_writing_says_what_a_voice_had_sent_before_it_was_cut_off(voices: Voices) -> None:
    part = voices.next_writing("speech")
    with suppress(asyncio.CancelledError), voices.open("speech", lambda: True):
        raise asyncio.CancelledError
    assert await voices.follow("speech", part, lambda: True)


async def test_the_writing_sends_where_the_voice_failed_or_there_is_none(voices: Voices) -> None:
    with suppress(RuntimeError), voices.open("speech", lambda: True):
        raise RuntimeError
    assert await voices.follow("speech", 0, lambda: False)
    assert await voices.follow("other", 0, lambda: False)


async def test_the_second_part_of_a_speech_has_a_voice_of_its_own(voices: Voices) -> None:
    with suppress(asyncio.CancelledError), voices.open("speech", lambda: True):
        raise asyncio.CancelledError
    assert voices.next_writing("speech") == 0
    with voices.open("speech", lambda: True):
        pass
    assert await voices.follow("speech", voices.next_writing("speech"), lambda: False)
