"""Partners that cost little, for many calls at once: known questions, by their sound, and answers.

They speak the same wire as those with models behind them; nothing here is a measure of quality.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from offmic.local import voice
from offmic.local.audio import resample
from offmic.local.utterance import Heard, Utterance
from tests.partners.cartesia import Cartesia
from tests.partners.cloud import Cloud, running
from tests.partners.completions import HANDLE, Completions, event, known_names, looking_up, text_of
from tests.partners.deepgram import Deepgram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiohttp import web
    from numpy.typing import NDArray

_BLOCK_S: Final = 0.02
_NEAR_BLOCKS: Final = 6
_RATE_HZ: Final = 16_000
_TALK: Final = "That is good to know. What can I do for you?"


class Table:
    """Knows each question by its length and by how loud it is from moment to moment.

    Args:
        sounds: the questions' sound, mono.
        sample_rate: in Hz.
    """

    def __init__(self, sounds: Mapping[str, NDArray[np.int16]], sample_rate: int) -> None:
        self._known = {
            text: _loudness(utterance_of(resample(sound, sample_rate, _RATE_HZ)), _RATE_HZ)
            for text, sound in sounds.items()
        }

    def hear(self, samples: NDArray[np.int16], sample_rate: int) -> str:
        """Return the question that sounds most like it, nothing where none lasts as long."""
        heard = _loudness(samples, sample_rate)
        near = {
            text: _likeness(heard, known)
            for text, known in self._known.items()
            if abs(known.size - heard.size) <= _NEAR_BLOCKS
        }
        return max(near, key=lambda text: near[text]) if near else ""


class Script(Completions):
    """Looks up what is named, repeats what it is given, and is friendly otherwise."""

    async def write(
        self,
        request: web.Request,
        response: web.StreamResponse,
        body: dict[str, Any],
    ) -> bool:
        """Write the answer's events, a word each."""
        last = body["messages"][-1]
        words = text_of(last).casefold()
        named = [name for name in known_names(body) if name.casefold() in words]
        if last["role"] == "user" and named:
            await response.write(looking_up(named[0]))
            return True
        handle = HANDLE.search(text_of(last)) if last["role"] == "tool" else None
        answer = f"What you asked for is {handle[0]}." if handle else _TALK
        for word in answer.split():
            await response.write(event({"content": f"{word} "}, None))
        await response.write(event({}, "stop"))
        return True


@asynccontextmanager
async def running_light_cloud(
    sounds: Mapping[str, NDArray[np.int16]], sample_rate: int
) -> AsyncIterator[Cloud]:
    """Run the three partners for the length of a `with` block.

    Args:
        sounds: what callers will say.
        sample_rate: of the sounds, in Hz.
    """
    speak = lru_cache(maxsize=256)(voice.speak)
    cloud = Cloud(Deepgram(Table(sounds, sample_rate).hear), Script(), Cartesia(speak))
    async with running(cloud):
        yield cloud


def utterance_of(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return what a recogniser is given of a sound of 16 kHz."""
    utterance = Utterance(_RATE_HZ, end_s=0.8)
    for heard in utterance.push(np.pad(sound, _RATE_HZ // 2)):
        if heard is Heard.PAUSED:
            break
    return utterance.take()


def _loudness(samples: NDArray[np.int16], sample_rate: int) -> NDArray[np.float64]:
    block = int(sample_rate * _BLOCK_S)
    blocks = samples[: samples.size // block * block].reshape(-1, block).astype(np.float64)
    loud: NDArray[np.float64] = np.sqrt(np.mean(np.square(blocks), axis=1))
    return loud


def _likeness(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    whole = float(np.linalg.norm(one) * np.linalg.norm(other)) or 1.0
    return float(np.correlate(one, other, "full").max()) / whole
