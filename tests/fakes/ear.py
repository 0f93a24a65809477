"""Listens to recorded audio with a speech recogniser; it must never share one with the worker."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import av
import numpy as np
from moonshine_voice import ModelArch, Transcriber, get_model_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE: Final = 16_000


def transcribe(samples: NDArray[np.int16], sample_rate: int) -> str:
    """Return what was said in the audio, as one line of text.

    Args:
        samples: mono.
        sample_rate: in Hz.
    """
    if not samples.size:
        return ""
    heard = _recogniser().transcribe_without_streaming(
        (_resample(samples, sample_rate).astype(np.float32) / 32768).tolist(), _RATE
    )
    return " ".join(line.text.strip() for line in heard.lines)


@cache
def _recogniser() -> Transcriber:
    return Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY)


def _resample(samples: NDArray[np.int16], sample_rate: int) -> NDArray[np.int16]:
    if sample_rate == _RATE:
        return samples
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = sample_rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
    parts = [
        f.to_ndarray().reshape(-1) for f in (*resampler.resample(frame), *resampler.resample(None))
    ]
    return np.concatenate(parts)
