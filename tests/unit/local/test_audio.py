"""Resampling, trimming and the voice that callers speak with."""

from __future__ import annotations

import numpy as np
import pytest

from offmic.local.audio import resample, synthesize, trim_silence


def tone(hz: float, rate: int, seconds: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    time_s = np.arange(int(rate * seconds)) / rate
    return (8000 * np.sin(2 * np.pi * hz * time_s)).astype(np.int16)


def loudness(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))


def test_resampling_keeps_what_the_new_rate_can_carry() -> None:
    low = resample(tone(5000, 24_000), 24_000, 16_000)
    assert low.size == 16_000
    assert loudness(low) == pytest.approx(8000 / np.sqrt(2), rel=0.02)


def test_resampling_does_not_fold_high_sounds_into_the_speech() -> None:
    assert loudness(resample(tone(10_000, 24_000), 24_000, 16_000)) < 40


def test_trimming_leaves_the_sound_and_takes_the_silence() -> None:
    silence = np.zeros(9_600, np.int16)
    sound = tone(440, 24_000)
    trimmed = trim_silence(np.concatenate([silence, sound, silence]), 24_000)
    assert sound.size <= trimmed.size <= sound.size + 24_000 * 0.08


def test_silence_is_trimmed_to_nothing() -> None:
    assert trim_silence(np.zeros(5_000, np.int16), 24_000).size == 0


def test_the_voice_speaks_without_silence_at_its_ends() -> None:
    samples, rate = synthesize("The door code is on your screen.")
    assert rate == 24_000
    assert samples.dtype == np.int16
    assert samples.size > rate
    assert loudness(samples[: rate // 10]) > 65
    assert loudness(samples[-rate // 10 :]) > 65


def test_sentences_are_apart() -> None:
    both = synthesize("Yes. No.")[0].size
    assert both > synthesize("Yes.")[0].size + synthesize("No.")[0].size + 24_000 * 0.2
