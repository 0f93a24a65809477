"""Speaks or coughs while the agent speaks, and sees when the agent's voice stops and goes on."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.fakes.voices import speak
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.fakes.visitor import Visitor

_COUGH_HZ: Final = 16_000
_GAP_S: Final = 0.6
"""No voice pauses for so long between its sentences."""
_SILENCE_S: Final = 2.0
_LOOK_S: Final = 0.1


@dataclass(frozen=True)
class Overlap:
    """What the agent's voice did when the caller made a sound.

    Args:
        stopped_s: from the caller's first sound to the agent's last before a silence, in seconds;
            None where it was never silent.
        resumed_s: from the caller's last sound to the agent's next, in seconds; None where it
            stayed silent.
    """

    stopped_s: float | None
    resumed_s: float | None


def cough() -> tuple[NDArray[np.int16], int]:
    """Return two bursts of noise, and their rate in Hz."""
    random = np.random.default_rng(7)
    fade = np.exp(-np.linspace(0, 4, int(_COUGH_HZ * 0.22)))
    burst = (random.normal(0, 9000, fade.size) * fade).clip(-32000, 32000).astype(np.int16)
    pause = np.zeros(int(_COUGH_HZ * 0.12), np.int16)
    return np.concatenate([burst, pause, burst]), _COUGH_HZ


async def until_heard(one: Visitor, since_s: float, for_s: float = 0.0) -> None:
    """Wait until the agent was heard for some time.

    Args:
        one: who listens.
        since_s: what was heard before does not count, on the monotonic clock.
        for_s: in seconds.
    """

    def check() -> bool:
        sounds = one.caller.ear.sounds_since(since_s)
        return bool(sounds) and sounds[-1] - sounds[0] >= for_s

    await eventually(check, 30, "the agent is heard")


async def interject(
    one: Visitor, samples: NDArray[np.int16], rate: int, patience_s: float = _SILENCE_S
) -> Overlap:
    """Make a sound while the agent speaks and follow its voice until it is quiet or goes on.

    Args:
        one: who makes it.
        samples: what is heard.
        rate: in Hz.
        patience_s: how long a silence may last before it is one for good, in seconds.
    """
    caller = one.caller
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) >= 300)
    await caller.play_samples(samples[loud[0] : loud[-1] + 1], rate, said="")
    end_s = caller.speech_end_s
    start_s = end_s - (loud[-1] - loud[0]) / rate
    await asyncio.sleep(_SILENCE_S)  # so long a silence is what is looked for
    while (now_s := time.monotonic()) <= end_s + patience_s:
        if caller.ear.sounds_since(now_s - _GAP_S):
            break
        await asyncio.sleep(_LOOK_S)
    sounds = [start_s, *caller.ear.sounds_since(start_s)]
    gaps = [at for at, (a, b) in enumerate(itertools.pairwise(sounds)) if b - a > _GAP_S]
    if gaps:
        last = gaps[0]
        return Overlap(sounds[last] - start_s, max(sounds[last + 1] - end_s, 0.0))
    quiet = sounds[-1] < end_s + _SILENCE_S - _GAP_S
    return Overlap(sounds[-1] - start_s, None) if quiet else Overlap(None, 0.0)


def spoken(text: str, voice: str = "hibari") -> tuple[NDArray[np.int16], int]:
    """Return speech and its rate in Hz."""
    return speak(text, voice)
