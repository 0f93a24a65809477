"""Speaks for callers, in two voices; it must never use the network."""

from __future__ import annotations

import io
import subprocess
import wave
from typing import TYPE_CHECKING

import numpy as np

from offmic.local.audio import synthesize

if TYPE_CHECKING:
    from numpy.typing import NDArray


def speak(text: str, voice: str) -> tuple[NDArray[np.int16], int]:
    """Return speech as mono samples and their rate in Hz.

    Args:
        text: what to say.
        voice: `hibari` or `espeak-ng`.
    """
    if voice == "hibari":
        return synthesize(text)
    assert voice == "espeak-ng", voice
    wav = subprocess.run(["espeak-ng", "--stdout", text], check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(wav)) as file:
        # A WAV that was streamed says a length of nearly 2 GiB: read what is there.
        samples = np.frombuffer(wav[44:], dtype=np.int16)
        return samples, file.getframerate()
