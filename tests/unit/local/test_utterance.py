"""When the recogniser is made to listen."""

from __future__ import annotations

import numpy as np
import pytest

from offmic.local.utterance import Heard, Utterance

RATE = 16_000
Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


def silence(seconds: float) -> Samples:
    return np.zeros(int(RATE * seconds), np.int16)


def noise(seconds: float, rms: float) -> Samples:
    return np.random.default_rng(1).normal(0, rms, int(RATE * seconds)).astype(np.int16)


@pytest.fixture
def utterance() -> Utterance:
    return Utterance(RATE, end_s=0.8)


def test_silence_opens_nothing(utterance: Utterance) -> None:
    assert list(utterance.push(silence(5))) == []
    assert not utterance.is_open


def test_a_click_opens_nothing(utterance: Utterance) -> None:
    list(utterance.push(np.concatenate([silence(0.5), noise(0.03, 9000), silence(0.5)])))
    assert not utterance.is_open


def test_speech_progresses_pauses_and_ends(utterance: Utterance) -> None:
    heard = list(utterance.push(np.concatenate([silence(1), noise(1.3, 3000), silence(1)])))
    assert heard == [Heard.PROGRESSED, Heard.PROGRESSED, Heard.PAUSED, Heard.ENDED]


def test_a_pause_in_a_sentence_does_not_end_it(utterance: Utterance) -> None:
    audio = np.concatenate([silence(1), noise(0.4, 3000), silence(0.5), noise(0.4, 3000)])
    assert Heard.ENDED not in list(utterance.push(audio))
    assert utterance.samples.size > RATE * 1.3


def test_the_moment_before_the_first_sound_is_kept(utterance: Utterance) -> None:
    list(utterance.push(np.concatenate([silence(2), noise(0.5, 3000)])))
    assert RATE * 0.85 <= utterance.samples.size <= RATE * 0.95


def test_the_quiet_after_the_last_sound_is_left_out(utterance: Utterance) -> None:
    list(utterance.push(np.concatenate([silence(2), noise(0.5, 3000), silence(0.6)])))
    assert utterance.samples.size <= RATE * 1.0


def test_a_steady_noise_becomes_the_floor(utterance: Utterance) -> None:
    list(utterance.push(noise(4, 300)))
    utterance.drop()
    list(utterance.push(noise(4, 300)))
    assert not utterance.is_open
    list(utterance.push(noise(0.5, 3000)))
    assert utterance.is_open


def test_speech_without_end_is_cut_where_it_is_quietest_and_goes_on(utterance: Utterance) -> None:
    loud, soft = noise(14, 3000), noise(0.02, 900)
    heard = iter(utterance.push(np.concatenate([silence(1), loud, soft, noise(3, 3000)])))
    assert Heard.FILLED in heard
    taken = utterance.take()
    assert taken.size == pytest.approx(RATE * 14.4, abs=RATE * 0.1)
    assert utterance.is_open


def test_taking_begins_anew(utterance: Utterance) -> None:
    list(utterance.push(np.concatenate([silence(1), noise(0.5, 3000)])))
    assert utterance.take().size
    assert not utterance.is_open
    assert utterance.take().size == 0


def test_its_span_is_told_in_time_of_the_audio(utterance: Utterance) -> None:
    list(utterance.push(np.concatenate([silence(2), noise(1, 3000), silence(0.5)])))
    start_s, end_s = utterance.span_s
    assert start_s == pytest.approx(2.0, abs=0.05)
    assert end_s == pytest.approx(3.0, abs=0.05)
