"""What hearing and speaking on the device share: sample rates, resampling, silence.

It must never load a model by being imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from livekit import rtc

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WINDOW_S: Final = 0.01
_SILENCE_RMS: Final = 65.0
"""About -54 dB of full scale: below the softest "f" that begins a word, above the voice's hiss."""
_BEFORE_S: Final = 0.02
_AFTER_S: Final = 0.05


def synthesize(text: str) -> tuple[NDArray[np.int16], int]:
    """Speak a text on the device.

    Args:
        text: what to say, English.

    Returns:
        Mono samples without silence at either end, and their rate in Hz.

    Raises:
        MissingPartError: when the voice is not installed.
    """
    # Late, so that those who only resample do without the voice.
    from offmic.local import voice

    return voice.speak(text), voice.SAMPLE_RATE


def resample(samples: NDArray[np.int16], from_hz: int, to_hz: int) -> NDArray[np.int16]:
    """Return mono samples at another rate, filtered so that nothing folds over.

    Args:
        samples: mono, the whole of it: each call starts a filter of its own.
        from_hz: the rate of the samples.
        to_hz: the rate wanted.
    """
    if from_hz == to_hz or not samples.size:
        return samples
    resampler = rtc.AudioResampler(from_hz, to_hz, quality=rtc.AudioResamplerQuality.HIGH)
    frames = resampler.push(bytearray(samples.tobytes())) + resampler.flush()
    return np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])


def trim_silence(samples: NDArray[np.int16], sample_rate: int) -> NDArray[np.int16]:
    """Return mono samples without the silence before the first and after the last sound.

    Args:
        samples: mono; empty comes back when there is no sound in it.
        sample_rate: in Hz.
    """
    window = int(sample_rate * _WINDOW_S)
    whole = samples[: samples.size // window * window].reshape(-1, window).astype(np.float32)
    loud = np.flatnonzero(np.sqrt(np.mean(whole**2, axis=1)) > _SILENCE_RMS)
    if not loud.size:
        return samples[:0]
    start = int(loud[0]) * window - int(sample_rate * _BEFORE_S)
    end = (int(loud[-1]) + 1) * window + int(sample_rate * _AFTER_S)
    return samples[max(start, 0) : end]
