"""The nodes at work with playout and assent: the voice sends in time, murmurs end nothing."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from livekit.agents import Agent, ModelSettings, llm, stt
from livekit.agents.language import LanguageCode

from offmic.agent import ConfidentialAgent
from offmic.delivery import DeliveryState
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

    def on(self, *_: object) -> None:
        """Nothing changes."""


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
    async def recognise(*_: object) -> AsyncIterator[stt.SpeechEvent]:
        for event in events:
            yield event

    monkeypatch.setattr(Agent.default, "stt_node", recognise)

    async def silence() -> AsyncIterator[rtc.AudioFrame]:
        frames: tuple[rtc.AudioFrame, ...] = ()
        for frame in frames:
            yield frame

    return [
        event.alternatives[0].text
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

    async def text() -> AsyncIterator[str]:
        yield f"The Wi-Fi password is {secret.handle}."

    async def write() -> str:
        parts = [part async for part in agent.transcription_node(text(), ModelSettings())]
        return "".join(parts)

    with it.call.voices.open(SPEECH.id, lambda: True):
        writing = asyncio.ensure_future(write())
        await asyncio.sleep(0.3)
        assert it.channel.delivered == []
    assert "[Wi-Fi password]" in await writing
