"""The on-device voice, as the framework drives it."""

from __future__ import annotations

import asyncio
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import hibari
import numpy as np
import pytest

from offmic.errors import MissingPartError
from offmic.local import recogniser, voice
from offmic.local.tts import TTS
from tests.unit.local.one_at_a_time import OneAtATime

if TYPE_CHECKING:
    from pathlib import Path

    from livekit import rtc

Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


def joined(frames: list[rtc.AudioFrame]) -> Samples:
    return np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])


async def spoken(*chunks: str) -> Samples:
    async with TTS().stream() as stream:
        for chunk in chunks:
            stream.push_text(chunk)
        stream.end_input()
        return joined([audio.frame async for audio in stream])


async def test_the_first_sentence_sounds_before_the_last_is_written() -> None:
    async with TTS().stream() as stream:
        stream.push_text("It is on your screen. Any")
        assert (await anext(stream)).frame.samples_per_channel
        stream.push_text("thing else?")
        stream.end_input()
        rest = [audio async for audio in stream]
        assert rest[-1].is_final


async def test_what_is_streamed_in_pieces_is_heard_whole() -> None:
    samples = await spoken("The magic wo", "rd is on your scr", "een. Anything", " else?")
    heard = recogniser.transcribe(samples, voice.SAMPLE_RATE).lower()
    assert "magic word is on your screen" in heard
    assert "anything else" in heard


async def test_speech_begins_and_ends_without_silence() -> None:
    samples = (await spoken("It is on your screen.")).astype(np.float64)
    tenth = voice.SAMPLE_RATE // 10
    assert np.sqrt(np.mean(samples[:tenth] ** 2)) > 65
    assert np.sqrt(np.mean(samples[-tenth:] ** 2)) > 65


async def test_there_is_a_pause_between_sentences() -> None:
    apart = (await spoken("It is there.", " Anything else?")).size
    alone = (await spoken("It is there.")).size + (await spoken("Anything else?")).size
    assert apart - alone == pytest.approx(voice.SAMPLE_RATE * 0.25, abs=voice.SAMPLE_RATE * 0.02)


@pytest.mark.parametrize("text", ["…", "🙂", " \n ", "\u200b"])
async def test_what_cannot_be_spoken_is_no_failure(text: str) -> None:
    assert (await spoken(text)).size <= voice.SAMPLE_RATE // 50


async def test_a_whole_text_is_spoken_at_once() -> None:
    frame = await TTS().synthesize("What is the door code?").collect()
    assert frame.sample_rate == 24_000
    assert recogniser.transcribe(joined([frame]), 24_000) == "What is the door code?"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("The wifi password", "The Wi-Fi password"),
        ("The [Wi-Fi password] is there", "The Wi-Fi password is there"),
        ("See [the page](https://example.com)", "See the page"),
        ("# Title\nText", "Title\nText"),
    ],
)
def test_what_is_written_for_the_eye_is_read_like_the_spoken_words(written: str, read: str) -> None:
    assert np.array_equal(voice.speak(written), voice.speak(read))


async def test_a_barge_in_ends_speech_that_is_being_made(monkeypatch: pytest.MonkeyPatch) -> None:
    working, go_on, pieces = threading.Event(), threading.Event(), []

    def speak(text: str) -> Samples:
        pieces.append(text)
        working.set()
        go_on.wait(10)
        return np.ones(2_400, np.int16)

    monkeypatch.setattr(voice, "speak", speak)
    stream = TTS().stream()
    stream.push_text("The first sentence. The second sentence. The third one.")
    stream.end_input()
    assert await asyncio.to_thread(working.wait, 10)
    await stream.aclose()
    go_on.set()
    assert pieces == ["The first sentence."]


@pytest.fixture
def voiced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each text that the voice was asked for; its sound is as long as it has letters."""
    pieces: list[str] = []

    def speak(text: str) -> Samples:
        pieces.append(text)
        return np.ones(2_400 * len(text), np.int16)

    monkeypatch.setattr(voice, "speak", speak)
    return pieces


async def sounds_of(tts: TTS, *chunks: str) -> int:
    async with tts.stream() as stream:
        for chunk in chunks:
            stream.push_text(chunk)
        stream.end_input()
        return joined([audio.frame async for audio in stream]).size


async def test_what_was_foreseen_is_voiced_once(voiced: list[str]) -> None:
    tts = TTS()
    foreseen = tts.foresee("It is on your screen.")
    assert foreseen is not None
    taken: list[float | None] = []
    foreseen.on_taken = lambda: taken.append(foreseen.ready_s)
    assert tts.foresee("It is on your screen.") is foreseen
    assert await sounds_of(tts, "It is ", "on your screen", ".") == 2_400 * 21
    assert voiced == ["It is on your screen."]
    assert len(taken) == 1
    assert foreseen.ready_s is not None
    await sounds_of(tts, "It is on your screen.")
    assert len(voiced) == 2, "it was said twice"


async def test_what_was_foreseen_in_vain_is_not_heard(voiced: list[str]) -> None:
    tts = TTS()
    foreseen = tts.foresee("It is on your screen.")
    assert foreseen is not None
    foreseen.on_taken = lambda: pytest.fail("it was taken")
    assert await sounds_of(tts, "It is not there.") == 2_400 * 16
    await sounds_of(tts, "It is on your screen.")
    assert voiced.count("It is on your screen.") == 2, "it was kept beyond the speech"


@pytest.mark.parametrize("text", ["", " ", "It is there. Anything else?"])
async def test_what_gains_nothing_is_not_foreseen(voiced: list[str], text: str) -> None:
    assert TTS().foresee(text) is None
    assert voiced == []


async def test_what_failed_when_foreseen_is_voiced_again(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes: list[Samples | None] = [None, np.ones(4_800, np.int16)]

    def speak(_: str) -> Samples:
        if (sound := outcomes.pop(0)) is None:
            raise MissingPartError("the voice is not there")
        return sound

    monkeypatch.setattr(voice, "speak", speak)
    tts = TTS()
    assert tts.foresee("It is on your screen.") is not None
    assert await sounds_of(tts, "It is on your screen.") == 4_800


async def test_two_streams_at_once_do_not_mix() -> None:
    alone = await spoken("What is the door code?")
    first, second = await asyncio.gather(
        spoken("What is the door code?"), spoken("Good morning, how are you today?")
    )
    assert np.array_equal(first, alone)
    assert not np.array_equal(second, alone)


async def test_the_shared_voice_serves_one_stream_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = OneAtATime([np.ones(2_400, np.float32)])
    monkeypatch.setattr(voice, "_loaded", SimpleNamespace(stream=engine))
    await asyncio.gather(*(asyncio.to_thread(voice.speak, "Hello.") for _ in range(4)))
    assert engine.calls == 4
    assert engine.most_at_once == 1


def test_a_missing_voice_file_is_named_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(voice, "_loaded", None)
    monkeypatch.setattr(hibari.voices, "ASSETS", str(tmp_path))
    with pytest.raises(MissingPartError, match=r"hibari\.onnx.*make setup") as caught:
        TTS().prewarm()
    assert "\n" not in str(caught.value)


def test_a_missing_package_is_named_with_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "_loaded", None)
    monkeypatch.setitem(sys.modules, "hibari", None)
    with pytest.raises(MissingPartError, match=r"hibari-tts.*make setup"):
        TTS().prewarm()
