"""The turn detector answers when the silence has lasted long enough for what was said."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.inference.eot.base import MIN_SILENCE_DURATION_MS
from livekit.agents.vad import VADEventType
from livekit.agents.voice.turn import TurnDetectionEvent, _StreamingTurnDetectorStream

from offmic.endpointing import ASKED_S, Patience
from offmic.local.audio import resample
from offmic.turn_detector import TurnStream
from offmic.voice_activity import QuickVAD
from tests.fakes.voices import speak

if TYPE_CHECKING:
    from livekit.agents.voice.turn import _StreamingTurnDetectorStream as Stream

RATE = 16_000


class Sound:
    """Stands for the model that listens to the sound; says the same whenever it is asked."""

    model = "sound"

    def __init__(self, probability: float) -> None:
        self.probability = probability

    def predict(self) -> asyncio.Future[TurnDetectionEvent]:
        future: asyncio.Future[TurnDetectionEvent] = asyncio.get_running_loop().create_future()
        future.set_result(TurnDetectionEvent("eot_prediction", self.probability, time.time()))
        return future

    def cancel_inference(self, *, timed_out: bool = False) -> None:
        return

    def flush(self, reason: str | None = None) -> None:
        return


def stream(probability: float, patience: Patience) -> TurnStream:
    return TurnStream(cast("Stream", Sound(probability)), patience)


def heard(patience: Patience, words: str) -> None:
    patience.note(words, settled_s=time.monotonic())


async def answers_within(future: asyncio.Future[TurnDetectionEvent], within_s: float) -> bool:
    done, _ = await asyncio.wait([future], timeout=within_s)
    return bool(done) and future.result().end_of_turn_probability == 1.0


@pytest.mark.virtual_time
async def test_a_whole_sentence_is_over_at_once() -> None:
    patience = Patience()
    heard(patience, "What is the door code?")
    assert await answers_within(stream(0.1, patience).predict(), 0.1)


@pytest.mark.virtual_time
async def test_words_that_cannot_end_are_waited_for() -> None:
    patience = Patience()
    heard(patience, "What is the")
    assert not await answers_within(stream(0.9, patience).predict(), 1.0)


@pytest.mark.virtual_time
async def test_words_that_come_late_end_the_wait() -> None:
    patience = Patience()
    heard(patience, "What is the")
    future = stream(0.9, patience).predict()
    assert not await answers_within(future, 0.2)
    heard(patience, "What is the door code?")
    assert await answers_within(future, 0.1)


@pytest.mark.virtual_time
async def test_words_of_before_the_last_sound_are_not_taken_for_all() -> None:
    patience = Patience()
    patience.note("What is the door code?", settled_s=time.monotonic() - 5)
    future = stream(0.9, patience).predict()
    assert not await answers_within(future, 0.1)
    heard(patience, "What is the door code of the")
    assert not await answers_within(future, 0.5)


@pytest.mark.virtual_time
async def test_audio_that_was_not_looked_at_is_no_silence() -> None:
    patience = Patience()
    heard(patience, "What is the door code?")
    patience.lag_s = 0.5
    future = stream(0.9, patience).predict()
    assert not await answers_within(future, 0.3)
    patience.lag_s = 0.0
    assert await answers_within(future, 0.1)


@pytest.mark.virtual_time
async def test_who_speaks_on_is_not_answered() -> None:
    patience = Patience()
    heard(patience, "What is the")
    turn = stream(0.9, patience)
    future = turn.predict()
    turn.cancel_inference()
    assert future.result().end_of_turn_probability == 0.0


@pytest.mark.virtual_time
async def test_a_new_turn_knows_nothing_of_the_one_before() -> None:
    patience = Patience()
    heard(patience, "What is the")
    turn = stream(0.1, patience)
    turn.flush("turn committed")
    assert await answers_within(turn.predict(), 0.5)


@pytest.mark.virtual_time
async def test_it_is_what_the_framework_takes_for_a_detector() -> None:
    assert isinstance(stream(0.5, Patience()), _StreamingTurnDetectorStream)


@pytest.mark.parametrize("voice", ["hibari", "espeak-ng"])
async def test_voice_activity_tells_of_silence_before_it_ends_speech(voice: str) -> None:
    samples, rate = speak("What is the door code?", voice)
    audio = np.concatenate([resample(samples, rate, RATE), np.zeros(RATE, np.int16)])
    patience = Patience()
    activity = QuickVAD(patience).stream()
    for start in range(0, audio.size - 160, 160):
        frame = rtc.AudioFrame(audio[start : start + 160].tobytes(), RATE, 1, 160)
        activity.push_frame(frame)
    activity.end_input()
    asked_s = 0.0
    async for event in activity:
        if event.type is VADEventType.INFERENCE_DONE and event.speaking and not asked_s:
            # Of the windows before; this one is silent too.
            silence_s = event.raw_accumulated_silence
            asked_s = silence_s - 0.08 + 0.032 if silence_s >= MIN_SILENCE_DURATION_MS / 1000 else 0
        if event.type is VADEventType.END_OF_SPEECH:
            assert asked_s == pytest.approx(ASKED_S, abs=0.01)
            assert event.silence_duration == pytest.approx(0.192, abs=0.01)
            break
    else:
        pytest.fail("the end of speech was not heard")
    async for _ in activity:
        pass
    assert abs(patience.lag_s) < 0.032
    await activity.aclose()
