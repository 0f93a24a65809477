"""Cuts a microphone's audio into utterances by its loudness, so that silence costs nothing.

It must never wait, and never decide what is a word: it only says when to listen.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_BLOCK_S: Final = 0.02
_FLOOR_BLOCKS: Final = 150
"""The room's own noise is the quietest of the last three seconds: speech has gaps in that time."""
_ABOVE_FLOOR: Final = 3.0
_LEAST_RMS: Final = 60.0
_MOST_RMS: Final = 1500.0
"""Whatever the room's noise, this loud (-27 dB of full scale) is worth listening to."""

_OPENING_BLOCKS: Final = 3
_PRE_ROLL_BLOCKS: Final = 23
"""The recogniser hears best with 400 ms before the first word and little after the last."""
_TAIL_BLOCKS: Final = 3
_PROGRESS_BLOCKS: Final = 25
_PAUSE_BLOCKS: Final = 5
_FULL_BLOCKS: Final = 750
_CUT_BLOCKS: Final = 150


class Heard(Enum):
    """What happened in the audio."""

    PROGRESSED = auto()
    """Half a second more of an utterance."""
    PAUSED = auto()
    """100 ms of quiet: the utterance may be over."""
    ENDED = auto()
    """So much quiet that it is over, asked or not."""
    FILLED = auto()
    """15 s without an end: what `take` gives was cut where it was quietest."""


class Utterance:
    """The utterance that is being spoken, and the moment of audio before it.

    Args:
        sample_rate: of the audio pushed, in Hz.
        end_s: the quiet that ends it, in seconds.
    """

    def __init__(self, sample_rate: int, end_s: float) -> None:
        self.sample_rate = sample_rate
        self._end_blocks = round(end_s / _BLOCK_S)
        self._block = int(sample_rate * _BLOCK_S)
        self._rest = np.zeros(0, np.int16)
        self._loudness: deque[float] = deque(maxlen=_FLOOR_BLOCKS)
        self._pre_roll: deque[NDArray[np.int16]] = deque(maxlen=_PRE_ROLL_BLOCKS)
        self._blocks: list[NDArray[np.int16]] = []
        self._rms: list[float] = []
        self._loud = 0
        self._quiet = 0
        self._since_progress = 0
        self._pushed = 0
        self._before = 0
        """Blocks of the moment before it."""

    @property
    def is_open(self) -> bool:
        """Whether something is being said, or was and has not been taken."""
        return bool(self._blocks)

    @property
    def is_paused(self) -> bool:
        """Whether nothing was said since the last `Heard.PAUSED`."""
        return self._quiet >= _PAUSE_BLOCKS

    @property
    def samples(self) -> NDArray[np.int16]:
        """What was heard of it so far, from the moment before it to its last sound; mono."""
        return self._joined(len(self._blocks))

    @property
    def span_s(self) -> tuple[float, float]:
        """Its start and its last sound, in seconds of all the audio that was pushed."""
        end = (self._pushed - self._quiet) * _BLOCK_S
        start = (self._pushed - len(self._blocks) + self._before) * _BLOCK_S
        return max(start, 0.0), max(end, start)

    def push(self, samples: NDArray[np.int16]) -> Iterator[Heard]:
        """Add audio; what happens in it comes out one by one, each before the audio after it.

        Args:
            samples: mono, any number of them.
        """
        audio = np.concatenate([self._rest, samples]) if self._rest.size else samples
        whole = audio.size // self._block * self._block
        # A copy: the caller's buffer may be used again.
        self._rest = audio[whole:].copy()
        for block in audio[:whole].copy().reshape(-1, self._block):
            if (heard := self._add(block)) is not None:
                yield heard

    def take(self) -> NDArray[np.int16]:
        """Return the utterance and begin anew; what follows a cut begins the next one."""
        cut = len(self._blocks)
        if cut >= _FULL_BLOCKS and not self._quiet:
            cut -= _CUT_BLOCKS - int(np.argmin(self._rms[-_CUT_BLOCKS:]))
        taken = self._joined(cut)
        self._blocks, self._rms = self._blocks[cut:], self._rms[cut:]
        self._before = 0
        self._loud = self._quiet = self._since_progress = 0
        return taken

    def drop(self) -> None:
        """Forget what was heard, apart from the last moment: it was no speech."""
        self._pre_roll.extend(self._blocks)
        self._blocks, self._rms = [], []
        self._loud = self._quiet = self._since_progress = 0

    def _joined(self, end: int) -> NDArray[np.int16]:
        blocks = self._blocks[: min(end, len(self._blocks) - max(self._quiet - _TAIL_BLOCKS, 0))]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)

    def _add(self, block: NDArray[np.int16]) -> Heard | None:
        self._pushed += 1
        wide = block.astype(np.float32)
        rms = math.sqrt(float(np.dot(wide, wide)) / wide.size)
        self._loudness.append(rms)
        threshold = min(max(min(self._loudness) * _ABOVE_FLOOR, _LEAST_RMS), _MOST_RMS)
        loud = rms > threshold
        if not self._blocks:
            self._wait(block, rms, loud=loud)
            return None
        self._blocks.append(block)
        self._rms.append(rms)
        self._quiet = 0 if loud else self._quiet + 1
        self._since_progress += 1
        if len(self._blocks) >= _FULL_BLOCKS:
            return Heard.FILLED
        if self._quiet == self._end_blocks:
            return Heard.ENDED
        if self._quiet == _PAUSE_BLOCKS:
            self._since_progress = 0
            return Heard.PAUSED
        if self._since_progress >= _PROGRESS_BLOCKS and not self._quiet:
            self._since_progress = 0
            return Heard.PROGRESSED
        return None

    def _wait(self, block: NDArray[np.int16], rms: float, *, loud: bool) -> None:
        self._pre_roll.append(block)
        self._loud = self._loud + 1 if loud else 0
        # A click is shorter than this.
        if self._loud >= _OPENING_BLOCKS:
            self._blocks = list(self._pre_roll)
            self._before = len(self._blocks) - _OPENING_BLOCKS
            self._rms = [rms] * len(self._blocks)
            self._pre_roll.clear()
