"""The caller and `offmic call` against an agent whose every move the test makes."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
import pytest_asyncio

from offmic import caller as caller_module
from offmic.audit.bystander import bystander
from offmic.caller import Caller, CallerError
from offmic.caller_audio import Ear, read_wav, write_wav
from offmic.delivery import DeliveryState
from offmic.secrets import Secret
from tests.fakes.agent import FakeAgent, fake_agent
from tests.fakes.deliveries import delivering
from tests.fakes.rooms import ROOM
from tests.fakes.sfu import Sfu, running_sfu
from tests.fakes.waiting import eventually
from tests.fakes.worker import environment, sfu_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from livekit import rtc

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="module")]

VALUE: Final = "correct-horse-battery"
_SOON_S: Final = 15.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sfu() -> AsyncIterator[Sfu]:
    async with running_sfu() as one:
        yield one


def _caller(sfu: Sfu, room: str, **options: Any) -> Caller:
    return Caller(sfu.url, sfu.api_key, sfu.api_secret, room, identity="ann", **options)


@asynccontextmanager
async def _offmic_call(sfu: Sfu, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    program = "import sys; from offmic.cli import main; sys.exit(main())"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        "call",
        *arguments,
        env=environment(sfu_settings(sfu)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def _hearing(room: rtc.Room) -> AsyncIterator[Ear]:
    ear = Ear()
    room.on("track_subscribed", ear.listen)
    try:
        yield ear
    finally:
        await ear.aclose()


async def _greeted(agent: FakeAgent) -> None:
    await agent.be("listening")
    await agent.answer("Hello there.")


async def test_a_caller_hears_types_and_receives(sfu: Sfu) -> None:
    async with (
        fake_agent(sfu, "ann", "one") as agent,
        bystander(sfu, "one") as other,
        _caller(sfu, "one", microphone=False) as caller,
    ):
        await _greeted(agent)
        assert await caller.wait_for_agent(_SOON_S) == "agent"
        await caller.wait_until_idle(_SOON_S, quiet_s=0.1)
        since = len(caller.events)
        await caller.type("the password please")
        assert await agent.typed.get() == ("ann", "the password please")
        await agent.write("the pass", of="ann", final=False)
        await agent.write("the password please", of="ann")
        await agent.channel.deliver(Secret(VALUE, "Wi-Fi password")).settled(_SOON_S)
        await agent.answer("It is on your screen.")
        await caller.wait_until_answered(since, _SOON_S)
        await caller.wait_for(lambda: len(caller.transcripts) == 3, _SOON_S)
        assert sorted(caller.transcripts) == [
            ("agent", "Hello there."),
            ("agent", "It is on your screen."),
            ("you", "the password please"),
        ]
        assert [s.value for s in caller.received] == [VALUE]
        assert other.on_topic("lk.chat") == []


async def test_a_caller_without_a_receiver_announces_no_key(sfu: Sfu) -> None:
    async with (
        fake_agent(sfu, "ann", "two") as agent,
        _caller(sfu, "two", receiver=False),
    ):
        ann = await eventually(
            lambda: agent.room.remote_participants.get("ann"), _SOON_S, "the agent saw the caller"
        )
        assert ann is not None
        assert "offmic.key" not in ann.attributes


async def test_what_is_played_is_heard_by_the_agent(sfu: Sfu) -> None:
    tone = (8000 * np.sin(np.arange(24_000) * 2 * np.pi * 440 / 24_000)).astype(np.int16)
    quiet = np.zeros(12_000, np.int16)
    async with (
        fake_agent(sfu, "ann", "three") as agent,
        _hearing(agent.room) as ear,
        _caller(sfu, "three") as caller,
    ):
        await agent.be("listening")
        await caller.wait_for_agent(_SOON_S)
        await caller.play_samples(np.concatenate([tone, quiet]), 24_000)
        heard_s = await eventually(
            lambda: ear.first_sound_after(caller.joined_s), _SOON_S, "the tone was heard"
        )
        assert heard_s is not None
        # The end of speech is that of the tone: the silence after it does not count.
        spoke = caller.events[-1]
        assert spoke["event"] == "spoke"
        assert 0.3 < spoke["t"] - (caller.speech_end_s - caller.joined_s) < 0.7


async def test_waiting_ends_when_the_agent_leaves_and_none_takes_its_place(
    sfu: Sfu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller_module, "_SUCCESSOR_S", 0.5)
    async with _caller(sfu, "four", microphone=False) as caller:
        async with fake_agent(sfu, "ann", "four") as agent:
            await agent.be("listening")
            await caller.wait_for_agent(_SOON_S)
        with pytest.raises(CallerError, match="the agent left the room"):
            await caller.wait_for(lambda: False, _SOON_S)


async def test_the_call_goes_on_with_another_agent(
    sfu: Sfu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller_module, "_SUCCESSOR_S", 3.0)
    async with _caller(sfu, "successor", microphone=False) as caller:
        async with fake_agent(sfu, "ann", "successor") as agent:
            await agent.be("listening")
            await caller.wait_for_agent(_SOON_S)
        await eventually(lambda: caller.agent is None, _SOON_S, "the agent is gone")
        async with fake_agent(sfu, "ann", "successor") as agent:
            await agent.be("speaking")
            await caller.wait_for(lambda: caller.state == "speaking", _SOON_S)
            with pytest.raises(TimeoutError):
                await caller.wait_for(lambda: False, 4.0)
            await agent.be("listening")
            await caller.wait_for(lambda: caller.state == "listening", _SOON_S)


async def test_an_agent_that_is_gone_is_waited_for_as_long_as_the_first(
    sfu: Sfu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller_module, "_SUCCESSOR_S", 3.0)
    async with _caller(sfu, "successors", microphone=False) as caller:
        for _ in range(2):
            async with fake_agent(sfu, "ann", "successors") as agent:
                await agent.be("listening")
                await caller.wait_for_agent(_SOON_S)
                with pytest.raises(TimeoutError):
                    await caller.wait_for(lambda: False, 1.0)
            await eventually(lambda: caller.agent is None, _SOON_S, "the agent is gone")
        gone_s = time.monotonic()
        with pytest.raises(CallerError, match="the agent left the room"):
            await caller.wait_for(lambda: False, _SOON_S)
        assert time.monotonic() - gone_s > 2.5


async def test_offmic_call_prints_what_comes_as_json_lines(sfu: Sfu) -> None:
    async with (
        fake_agent(sfu, "ann", "five") as agent,
        _offmic_call(
            sfu, "--room", "five", "--identity", "ann", "--json", "--type", "the code?"
        ) as process,
    ):
        await eventually(lambda: "ann" in agent.room.remote_participants, 30, "the caller came")
        await _greeted(agent)
        assert await agent.typed.get() == ("ann", "the code?")
        await agent.channel.deliver(Secret(VALUE, "door code", "code")).settled(_SOON_S)
        await agent.answer("It is on your screen.")
        out, err = await process.communicate()
        assert (process.returncode, err) == (0, b"")
    events = [json.loads(line) for line in out.splitlines()]
    assert {e["event"] for e in events} == {"state", "transcript", "spoke", "secret"}
    assert all(isinstance(e["t"], float) for e in events)
    secret = next(e for e in events if e["event"] == "secret")
    assert (secret["label"], secret["kind"], secret["value"]) == ("door code", "code", VALUE)


async def test_offmic_call_marks_a_secret_and_makes_control_characters_visible(sfu: Sfu) -> None:
    async with (
        fake_agent(sfu, "ann", "six") as agent,
        _offmic_call(sfu, "--room", "six", "--identity", "ann", "--type", "the code?") as process,
    ):
        await eventually(lambda: "ann" in agent.room.remote_participants, 30, "the caller came")
        await _greeted(agent)
        await agent.typed.get()
        await agent.channel.deliver(Secret("ab\x1b[2Jcd", "door code")).settled(_SOON_S)
        await agent.answer("It is on\x1b[0m your screen.")
        out, _ = await process.communicate()
        assert process.returncode == 0
    assert b"\x1b" not in out
    assert b" SECRET: door code (for 120 s, on this screen only)\n       | ab\\x1b[2Jcd\n" in out
    assert b"    you: the code?\n" in out
    assert b"  agent: It is on\\x1b[0m your screen.\n" in out


async def test_offmic_call_says_when_no_agent_came(sfu: Sfu) -> None:
    async with _offmic_call(sfu, "--room", "seven", "--type", "hi", "--wait", "0.5") as process:
        out, err = await process.communicate()
    assert (process.returncode, err) == (1, b"")
    assert out.startswith(b"  error: no agent came within 0.5 s")
    assert out.count(b"\n") == 1


async def test_offmic_call_with_a_wrong_secret_is_one_line_and_code_2(sfu: Sfu) -> None:
    wrong = Sfu()
    wrong.port, wrong.api_key, wrong.api_secret = sfu.port, sfu.api_key, "x" * 40
    async with _offmic_call(wrong, "--room", "eight", "--type", "hi") as process:
        out, err = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert err.startswith(b"offmic: ")
    assert err.count(b"\n") == 1
    assert b"x" * 40 not in err


async def test_a_wav_that_was_written_is_read_back(tmp_path: Path) -> None:
    samples = np.arange(-500, 500, dtype=np.int16)
    write_wav(tmp_path / "a.wav", samples, 24_000)
    back, rate = read_wav(tmp_path / "a.wav")
    assert rate == 24_000
    assert np.array_equal(back, samples)


async def test_a_callers_key_is_bound_by_its_token(sfu: Sfu) -> None:
    async with (
        delivering(sfu, require_bound_key=True) as channel,
        _caller(sfu, ROOM, microphone=False) as caller,
    ):
        delivery = channel.deliver(Secret(VALUE, "Wi-Fi password"))
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        assert [secret.value for secret in caller.received] == [VALUE]
