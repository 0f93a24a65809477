"""Speaks sentences with a pause inside and sees whether the agent waits; it judges by its states.

An utterance counts as cut off where the agent thinks or speaks before its last word was said.
"""

from __future__ import annotations

import asyncio
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tests.fakes.voices import speak
from tests.fakes.worker import PROJECT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.fakes.visitor import Visitor

_TABLES: Final = tomllib.loads((PROJECT / "tests/data/pauses.toml").read_text())
BROKEN: Final[list[tuple[str, str]]] = [(before, after) for before, after in _TABLES["broken"]]
COMPLETE: Final[list[str]] = _TABLES["complete"]
VOICES: Final = ("hibari", "espeak-ng")
_SHORTEST_S: Final = 0.6
_LONGEST_S: Final = 1.5
_ANSWER_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class Spoken:
    """What became of one utterance.

    Args:
        text: with an ellipsis where the pause was.
        voice: whose.
        pause_s: how long it was; 0 where there was none.
        cut_off: whether the agent came in between.
        waited_s: from the last sound to the answer's first.
        understood: the caller's lines of `lk.transcription`.
    """

    text: str
    voice: str
    pause_s: float
    cut_off: bool
    waited_s: float
    understood: str

    def __str__(self) -> str:
        verdict = "CUT OFF" if self.cut_off else f"{self.waited_s * 1000:4.0f} ms"
        return f"{verdict} {self.voice:9} {self.pause_s:.1f} s {self.text!r} {self.understood!r}"


def broken_utterances(voice: str) -> list[tuple[str, str, float]]:
    """Return what comes before and after the pause and its length, in seconds, for one voice."""
    last = len(BROKEN) - 1
    # The voices get the lengths in opposite order.
    order = range(len(BROKEN)) if voice == VOICES[0] else range(last, -1, -1)
    return [
        (before, after, _SHORTEST_S + (_LONGEST_S - _SHORTEST_S) * at / last)
        for (before, after), at in zip(BROKEN, order, strict=True)
    ]


def with_pause(
    before: str, after: str, pause_s: float, voice: str
) -> tuple[NDArray[np.int16], int]:
    """Return samples and their rate in Hz."""
    first, rate = speak(before, voice)
    second, _ = speak(after, voice)
    first, second = _trimmed(first), _trimmed(second)
    samples = np.concatenate([first, np.zeros(int(rate * pause_s), np.int16), second])
    return samples, rate


async def say_broken(one: Visitor, before: str, after: str, pause_s: float, voice: str) -> Spoken:
    """Speak it and wait for the answer."""
    samples, rate = await asyncio.to_thread(with_pause, before, after, pause_s, voice)
    events = len(one.caller.events)
    await one.caller.play_samples(samples, rate, said=f"{before} … {after}")
    end_s = one.caller.speech_end_s
    cut_off = _acted(one, events, end_s)
    if cut_off:
        # It may be silent for good: the second part alone may be nothing to answer.
        await asyncio.sleep(_LONGEST_S)
        await one.caller.wait_until_idle(_ANSWER_TIMEOUT_S)
        waited_s = 0.0
    else:
        await one.caller.wait_until_answered(events, _ANSWER_TIMEOUT_S)
        waited_s = (one.caller.ear.first_sound_after(end_s) or end_s) - end_s
    understood = " | ".join(
        str(e["text"]) for e in one.caller.events[events:] if e.get("who") == "you"
    )
    return Spoken(f"{before} … {after}", voice, pause_s, cut_off, waited_s, understood)


async def say_complete(one: Visitor, text: str, voice: str) -> Spoken:
    """Speak a sentence that lacks nothing and wait for the answer."""
    events = len(one.caller.events)
    await one.say(text, voice)
    end_s = one.caller.speech_end_s
    await one.caller.wait_until_answered(events, _ANSWER_TIMEOUT_S)
    waited_s = (one.caller.ear.first_sound_after(end_s) or end_s) - end_s
    understood = " | ".join(
        str(e["text"]) for e in one.caller.events[events:] if e.get("who") == "you"
    )
    return Spoken(text, voice, 0.0, cut_off=False, waited_s=waited_s, understood=understood)


def _acted(one: Visitor, since: int, before_s: float) -> bool:
    return any(
        event.get("state") in ("thinking", "speaking")
        and event["t"] + one.caller.joined_s < before_s
        for event in one.caller.events[since:]
    )


def _trimmed(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) >= 300)
    return samples[loud[0] : loud[-1] + 1]
