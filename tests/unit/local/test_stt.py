"""The on-device recogniser hears real speech."""

from __future__ import annotations

import asyncio
import re
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import moonshine_voice
import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIError
from livekit.agents.stt import SpeechEventType
from livekit.agents.types import APIConnectOptions

from offmic.errors import MissingPartError
from offmic.local import recogniser
from offmic.local.audio import resample
from offmic.local.stt import STT
from tests.fakes.voices import speak
from tests.fakes.waiting import eventually
from tests.unit.local.one_at_a_time import OneAtATime

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from livekit.agents.stt import RecognizeStream, SpeechEvent

RATE = 24_000
SENTENCES = (
    "What is the Wi-Fi password?",
    "What is the door code?",
    "What is the magic word?",
    "How do I get online?",
    "Could you tell me the code for the front door, please?",
    "Give me a new password for my email account.",
    "I need a one-time code for the bank.",
    "Good morning, how are you today?",
    "What is the weather like tomorrow?",
    "Thank you very much, goodbye.",
)
CLEAR_TO_ESPEAK = (SENTENCES[0], SENTENCES[2], SENTENCES[5], SENTENCES[7])
Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


def words(text: str) -> list[str]:
    return re.sub(
        r"[^a-z ]", "", text.lower().replace("-", " ").replace("good bye", "goodbye")
    ).split()


def silence(seconds: float) -> Samples:
    return np.zeros(int(RATE * seconds), np.int16)


def said(text: str, voice: str = "hibari") -> Samples:
    """Speech as it comes off the SFU: through 48 kHz, between two silences."""
    samples, rate = speak(text, voice)
    at_room_rate = resample(resample(samples, rate, 48_000), 48_000, RATE)
    return np.concatenate([silence(0.5), at_room_rate, silence(0.3)])


def frames(samples: Samples) -> Iterator[rtc.AudioFrame]:
    for start in range(0, samples.size, RATE // 100):
        part = samples[start : start + RATE // 100]
        yield rtc.AudioFrame(part.tobytes(), RATE, 1, part.size)


def push(stream: RecognizeStream, samples: Samples) -> None:
    for frame in frames(samples):
        stream.push_frame(frame)


async def hear(samples: Samples) -> list[SpeechEvent]:
    async with STT().stream() as stream:
        push(stream, samples)
        stream.end_input()
        return [event async for event in stream]


async def hear_live(samples: Samples) -> list[SpeechEvent]:
    """Hear what comes no faster than it is listened to."""
    async with STT().stream() as stream:
        for frame in frames(samples):
            stream.push_frame(frame)
            # Nothing else tells that it was taken.
            await eventually(stream._input_ch.empty, 30.0, "a frame was taken")  # noqa: SLF001
        stream.end_input()
        return [event async for event in stream]


def finals(events: list[SpeechEvent]) -> list[str]:
    return [e.alternatives[0].text for e in events if e.type is SpeechEventType.FINAL_TRANSCRIPT]


@pytest.mark.parametrize("sentence", SENTENCES)
async def test_what_the_voice_says_is_understood(sentence: str) -> None:
    assert words(" ".join(finals(await hear(said(sentence))))) == words(sentence)


@pytest.mark.parametrize("sentence", CLEAR_TO_ESPEAK)
async def test_a_second_voice_is_understood(sentence: str) -> None:
    assert words(" ".join(finals(await hear(said(sentence, "espeak-ng"))))) == words(sentence)


@pytest.mark.parametrize("sentence", ["Yes.", "No.", "Okay.", "Stop."])
async def test_one_short_word_is_speech(sentence: str) -> None:
    assert words(" ".join(finals(await hear(said(sentence))))) == words(sentence)


@pytest.mark.parametrize(
    ("recognised", "written"),
    [
        ("The Wi-fi password", "The Wi-Fi password"),
        ("the wifi password", "the Wi-Fi password"),
        ("the wi fi password", "the Wi-Fi password"),
        ("the wifikey", "the Wi-Fi key"),
        ("my wifey called", "my wifey called"),
    ],
)
def test_wifi_is_written_one_way(
    recognised: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = SimpleNamespace(text=recognised, duration=1.0)
    engine = SimpleNamespace(transcribe_without_streaming=lambda *_: SimpleNamespace(lines=[line]))
    monkeypatch.setattr(recogniser, "_loaded", SimpleNamespace(words=engine, speech=engine))
    assert recogniser.transcribe(silence(0.1), RATE) == written


async def test_partial_words_come_before_the_final_ones() -> None:
    kinds = [event.type for event in await hear_live(said(SENTENCES[4]))]
    assert kinds[0] is SpeechEventType.START_OF_SPEECH
    assert kinds.count(SpeechEventType.FINAL_TRANSCRIPT) == 1
    final = kinds.index(SpeechEventType.FINAL_TRANSCRIPT)
    assert SpeechEventType.INTERIM_TRANSCRIPT in kinds[:final]
    assert SpeechEventType.PREFLIGHT_TRANSCRIPT in kinds[:final]
    assert kinds[final + 1] is SpeechEventType.END_OF_SPEECH


async def test_of_what_was_said_before_no_more_than_the_first_words_come_early() -> None:
    events = await hear(said(SENTENCES[4]))
    kinds = [event.type for event in events]
    assert kinds[0] is SpeechEventType.START_OF_SPEECH
    assert kinds.count(SpeechEventType.INTERIM_TRANSCRIPT) <= 1
    assert words(" ".join(finals(events))) == words(SENTENCES[4])


async def test_a_flush_brings_the_final_words_before_the_caller_is_quiet() -> None:
    async with STT().stream() as stream:
        push(stream, said(SENTENCES[1])[: -int(RATE * 0.3)])
        stream.flush()
        async for event in stream:
            if event.type is SpeechEventType.FINAL_TRANSCRIPT:
                break
        assert words(event.alternatives[0].text) == words(SENTENCES[1])


async def test_quiet_brings_the_final_words_where_nobody_flushes() -> None:
    # Without the words the stream would stay open for ever: the limit turns that into a failure.
    async with asyncio.timeout(20), STT().stream() as stream:
        push(stream, np.concatenate([said(SENTENCES[1]), silence(1)]))
        async for event in stream:
            if event.type is SpeechEventType.FINAL_TRANSCRIPT:
                break
        assert words(event.alternatives[0].text) == words(SENTENCES[1])


async def test_two_utterances_are_two_finals() -> None:
    audio = np.concatenate([said(SENTENCES[1]), silence(1), said(SENTENCES[2])])
    heard = finals(await hear(audio))
    assert [words(text) for text in heard] == [words(SENTENCES[1]), words(SENTENCES[2])]


async def test_two_streams_at_once_do_not_mix() -> None:
    first, second = await asyncio.gather(hear(said(SENTENCES[1])), hear(said(SENTENCES[2])))
    assert words(" ".join(finals(first))) == words(SENTENCES[1])
    assert words(" ".join(finals(second))) == words(SENTENCES[2])


async def test_the_shared_model_serves_one_stream_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = OneAtATime(SimpleNamespace(lines=[]))
    monkeypatch.setattr(
        recogniser,
        "_loaded",
        SimpleNamespace(
            words=SimpleNamespace(transcribe_without_streaming=engine),
            speech=SimpleNamespace(transcribe_without_streaming=engine),
        ),
    )
    calls = [recogniser.transcribe, recogniser.holds_speech] * 3
    await asyncio.gather(*(asyncio.to_thread(call, silence(0.1), RATE) for call in calls))
    assert engine.calls == 6
    assert engine.most_at_once == 1


@pytest.mark.parametrize("loudness", [20, 300, 3000])
async def test_noise_is_no_words(loudness: int) -> None:
    noise = np.random.default_rng(1).normal(0, loudness, RATE * 3).astype(np.int16)
    assert await hear(np.concatenate([silence(1), noise, silence(1)])) == []


async def test_noise_right_after_speech_is_no_words() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, RATE).astype(np.int16)
    speech = said(SENTENCES[1])
    assert await asyncio.to_thread(recogniser.holds_speech, speech[: -int(RATE * 0.6)], RATE)
    assert not await asyncio.to_thread(recogniser.holds_speech, noise, RATE)


async def test_silence_never_reaches_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(recogniser, "holds_speech")
    monkeypatch.delattr(recogniser, "transcribe")
    assert await hear(silence(10)) == []


async def test_a_closed_stream_ends_in_the_middle_of_speech() -> None:
    stream = STT().stream()
    push(stream, said(SENTENCES[4])[: RATE * 2])
    assert (await anext(stream)).type is SpeechEventType.START_OF_SPEECH
    await stream.aclose()
    with pytest.raises(RuntimeError):
        push(stream, silence(0.1))


async def test_a_cancelled_listener_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    task = asyncio.create_task(hear(said(SENTENCES[4])))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before


async def test_a_whole_recording_is_recognised_at_once() -> None:
    event = await STT().recognize(list(frames(said(SENTENCES[2]))))
    assert words(event.alternatives[0].text) == words(SENTENCES[2])


async def test_a_failing_engine_is_an_error_the_framework_can_fall_back_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> bool:
        raise recogniser.RecogniserError("It failed.")

    monkeypatch.setattr(recogniser, "holds_speech", fail)
    stream = STT().stream(conn_options=APIConnectOptions(max_retry=0))
    push(stream, said(SENTENCES[1]))
    with pytest.raises(APIError, match="It failed"):
        await anext(stream)
    await stream.aclose()


def test_a_missing_model_file_is_named_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(recogniser, "_loaded", None)
    monkeypatch.setattr(moonshine_voice, "get_model_path", lambda _: tmp_path)
    with pytest.raises(MissingPartError, match=r"encoder_model\.ort.*make setup") as caught:
        STT().prewarm()
    assert "\n" not in str(caught.value)


def test_a_missing_package_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser, "_loaded", None)
    monkeypatch.setitem(sys.modules, "moonshine_voice", None)
    with pytest.raises(MissingPartError, match=r"moonshine-voice.*make setup"):
        STT().prewarm()
