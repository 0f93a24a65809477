"""The nodes at work with playout and assent: the voice sends in time, murmurs end nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from livekit.agents import Agent, ModelSettings, llm, stt
from livekit.agents.language import LanguageCode
from livekit.agents.types import TimedString

from offmic import phrases
from offmic.agent import ConfidentialAgent
from offmic.delivery import DeliveryState
from offmic.limit import PER_MINUTE
from tests.fakes.recording_channel import RecordingChannel
from tests.fakes.talk import Talk
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from livekit import rtc

pytestmark = pytest.mark.virtual_time

SPOKEN_S = 1.5
SPEECH = SimpleNamespace(id="speech", interrupted=False)


class Session:
    """What of a session the nodes look at: it speaks all the time."""

    def __init__(self, speech: SimpleNamespace | None) -> None:
        self.current_speech = speech
        self.agent_state = "speaking"
        self.tts: object = None
        self.history = llm.ChatContext.empty()
        self.output = SimpleNamespace(audio=object(), audio_enabled=True)
        self.said: list[str] = []

    def on(self, *_: object) -> None:
        """Nothing changes."""

    def say(self, words: str) -> None:
        self.said.append(words)


@pytest.fixture
async def it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Talk:
    monkeypatch.setattr("offmic.playout._SILENT_S", 0.3)
    return Talk([], RecordingChannel(), tmp_path / "secrets.toml")


def agent_of(
    it: Talk, monkeypatch: pytest.MonkeyPatch, speech: SimpleNamespace | None = SPEECH
) -> tuple[ConfidentialAgent, Session]:
    session = Session(speech)
    monkeypatch.setattr(ConfidentialAgent, "session", session)
    monkeypatch.setattr(ConfidentialAgent, "_speech", lambda _: SPEECH)
    return ConfidentialAgent(it.call, instructions="Be brief."), session


def heard(text: str, for_s: float) -> stt.SpeechEvent:
    words = stt.SpeechData(LanguageCode("en"), text, start_time=1.0, end_time=1.0 + for_s)
    return stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[words])


async def pass_words(
    agent: ConfidentialAgent, monkeypatch: pytest.MonkeyPatch, *events: stt.SpeechEvent
) -> list[str]:
    passed = await pass_events(agent, monkeypatch, *events)
    return [event.alternatives[0].text for event in passed]


async def pass_events(
    agent: ConfidentialAgent, monkeypatch: pytest.MonkeyPatch, *events: stt.SpeechEvent
) -> list[stt.SpeechEvent]:
    async def recognise(*_: object) -> AsyncIterator[stt.SpeechEvent]:
        for event in events:
            yield event

    monkeypatch.setattr(Agent.default, "stt_node", recognise)

    async def silence() -> AsyncIterator[rtc.AudioFrame]:
        frames: tuple[rtc.AudioFrame, ...] = ()
        for frame in frames:
            yield frame

    return [
        event
        async for event in agent.stt_node(silence(), ModelSettings())
        if isinstance(event, stt.SpeechEvent)
    ]


async def test_assent_to_what_is_being_said_goes_nowhere(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, _ = agent_of(it, monkeypatch)
    events = [heard("Mm-hmm.", 0.9), heard("Mama.", 0.4), heard("Stop!", 0.3)]
    assert await pass_words(agent, monkeypatch, *events) == ["Stop!"]


async def test_the_name_of_a_secret_is_no_assent(it: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    agent, _ = agent_of(it, monkeypatch)
    assert await pass_words(agent, monkeypatch, heard("Password?", 0.5)) == ["Password?"]


@pytest.mark.parametrize("speech", [None, SimpleNamespace(id="speech", interrupted=True)])
async def test_where_nothing_is_being_said_nothing_is_assent(
    it: Talk, monkeypatch: pytest.MonkeyPatch, speech: SimpleNamespace | None
) -> None:
    agent, _ = agent_of(it, monkeypatch, speech)
    assert await pass_words(agent, monkeypatch, heard("Sure.", 0.4)) == ["Sure."]


def speak(
    it: Talk, agent: ConfidentialAgent, monkeypatch: pytest.MonkeyPatch
) -> asyncio.Task[None]:
    """Say a sentence, and a secret in the next one; the first sounds for `SPOKEN_S`."""
    secret = it.call.look_up("wifi")
    assert secret is not None

    async def voice(_: object, text: AsyncIterator[str], __: object) -> AsyncIterator[Any]:
        async for words in text:
            if words.startswith("Here"):
                yield SimpleNamespace(duration=SPOKEN_S)

    monkeypatch.setattr(Agent.default, "tts_node", voice)

    async def text() -> AsyncIterator[str]:
        yield "Here is what you asked for. "
        yield f"The Wi-Fi password is {secret.handle}."

    async def run() -> None:
        async for _ in agent.tts_node(text(), ModelSettings()):
            pass

    return asyncio.ensure_future(run())


def write(agent: ConfidentialAgent, words: str) -> asyncio.Task[str]:
    """Write what is said."""

    async def text() -> AsyncIterator[str]:
        yield words

    async def run() -> str:
        return "".join([part async for part in agent.transcription_node(text(), ModelSettings())])

    return asyncio.ensure_future(run())


async def delivered_after_s(it: Talk) -> float:
    begun_s = time.monotonic()
    await eventually(lambda: bool(it.channel.delivered), 5.0, "the secret was sent")
    return time.monotonic() - begun_s


async def test_the_voice_sends_a_secret_when_its_sentence_is_about_to_be_heard(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, _ = agent_of(it, monkeypatch)
    speaking = speak(it, agent, monkeypatch)
    assert await delivered_after_s(it) > SPOKEN_S / 2
    await speaking


async def test_a_voice_that_can_begins_before_the_screen_answers(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreseen: list[str] = []
    it.channel.state = DeliveryState.SENT
    agent, session = agent_of(it, monkeypatch)
    session.tts = SimpleNamespace(foresee=foreseen.append)
    await speak(it, agent, monkeypatch)
    assert foreseen == ["Here is what you asked for. The Wi-Fi password is on your screen."]


async def test_a_speech_that_has_to_wait_sends_nothing(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, session = agent_of(it, monkeypatch, SimpleNamespace(id="other", interrupted=False))
    speaking = speak(it, agent, monkeypatch)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(speaking), 2 * SPOKEN_S)
    assert it.channel.delivered == []
    session.current_speech = SPEECH
    assert await delivered_after_s(it) > SPOKEN_S / 2
    await speaking


async def test_the_writing_sends_nothing_before_the_voice_has(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, _ = agent_of(it, monkeypatch)
    secret = it.call.look_up("wifi")
    assert secret is not None
    with it.call.voices.open(SPEECH.id, lambda: True):
        writing = write(agent, f"The Wi-Fi password is {secret.handle}.")
        await asyncio.sleep(0.3)
        assert it.channel.delivered == []
    assert "[Wi-Fi password]" in await writing


async def test_what_the_voice_was_cut_off_before_is_not_sent_by_the_writing(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, _ = agent_of(it, monkeypatch)
    secret = it.call.look_up("wifi")
    assert secret is not None
    writing = write(agent, f"The Wi-Fi password is {secret.handle}. ")
    with suppress(asyncio.CancelledError), it.call.voices.open(SPEECH.id, lambda: True):
        await asyncio.sleep(0.3)
        raise asyncio.CancelledError
    assert secret.handle not in await writing
    assert it.channel.delivered == []


async def test_word_timings_do_not_carry_the_words_a_second_time(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, _ = agent_of(it, monkeypatch, None)
    event = heard("It is tulip-Harbour-42, I think.", 2.0)
    timed = [TimedString(word) for word in event.alternatives[0].text.split()]
    event.alternatives[0] = dataclasses.replace(event.alternatives[0], words=timed)
    (passed,) = await pass_events(agent, monkeypatch, event)
    assert "tulip" not in repr(passed)


async def test_a_voice_over_the_limit_is_not_written_and_is_told_so_when_it_has_ended(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, session = agent_of(it, monkeypatch, None)
    it.call.limit.note(PER_MINUTE + 1)
    final = heard("Is it something else?", 1.0)
    interim = dataclasses.replace(final, type=stt.SpeechEventType.INTERIM_TRANSCRIPT)
    assert await pass_words(agent, monkeypatch, interim, interim, final) == []
    assert session.said == [phrases.ENOUGH]


async def test_a_model_gets_less_time_where_the_caller_has_waited_for_it_already(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, _ = agent_of(it, monkeypatch)

    async def think(*_: object) -> AsyncIterator[str]:
        await asyncio.sleep(1.0)
        yield "It is open."

    monkeypatch.setattr(Agent.default, "llm_node", think)

    async def answered(silent_s: float) -> str:
        ctx = llm.ChatContext.empty()
        silent_since_s = time.time() - silent_s
        metrics: llm.MetricsReport = {"stopped_speaking_at": silent_since_s}
        ctx.add_message(role="user", content="Is it open?", metrics=metrics)
        return "".join([str(c) async for c in agent.llm_node(ctx, [], ModelSettings())])

    assert await answered(0.2) == "It is open."
    assert await answered(2.0) == f"{phrases.ONE_MOMENT}It is open."


async def test_words_of_no_speech_are_due_at_once(
    it: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, _ = agent_of(it, monkeypatch, SimpleNamespace(id="other", interrupted=False))
    monkeypatch.setattr(ConfidentialAgent, "_speech", lambda _: None)
    speaking = speak(it, agent, monkeypatch)
    assert await delivered_after_s(it) > SPOKEN_S / 2
    await speaking
