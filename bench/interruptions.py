"""`python -m bench.interruptions`: how soon the voice stops, and goes on after a cough.

All times are taken at the caller, over the SFU: a sound counts as made when it left the caller's
microphone, and as heard when its frame came. What did not follow at all has no time: it must never
be left out, and is counted apart.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bench.command import command
from bench.figures import Figure, of_times, print_table
from tests.fakes.desk import model_settings, running_desk
from tests.fakes.openai_server import scripted_model
from tests.fakes.overlap import cough, interject, spoken, until_heard
from tests.fakes.scripts import says, user_says
from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tests.fakes.desk import Desk
    from tests.fakes.visitor import Visitor

_STORY: Final = tuple(f"This is sentence number {n} of a rather long story. " for n in range(1, 16))
_ASKS: Final = "Tell me a story."
_STOPS: Final = (
    ("Please stop, I have heard enough of it.", "hibari"),
    ("Please stop, I have heard enough of it.", "espeak-ng"),
    ("No, what is the door code?", "hibari"),
    ("Wait, I need something else.", "espeak-ng"),
)
_ROUNDS: Final = 3
_GREETINGS: Final = 4
_UNDER_WAY_S: Final = 1.5


@dataclass
class Interruptions:
    """What was seen; the times are in seconds.

    Args:
        early: from the caller's first word to the voice's last sound, in its first moments.
        late: likewise, in the midst of a speech.
        resumed: from the end of a cough or an "mm-hm" to the voice's next sound.
        deaf: interruptions after which the voice spoke on.
        lost: coughs and "mm-hm" after which it did not.
        unmoved: those at which it was never silent; their time is 0.
    """

    early: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    resumed: list[float] = field(default_factory=list)
    deaf: int = 0
    lost: int = 0
    unmoved: int = 0


async def take() -> Interruptions:
    """Interrupt greetings and stories, and cough into others."""
    seen = Interruptions()
    steps = [
        says(user_says("story"), *_STORY),
        says(user_says("stop", "enough", "what", "wait", "need", "code"), "All right."),
    ]
    async with scripted_model(*steps) as model, running_desk(model_settings(model)) as desk:
        for number in range(_GREETINGS):
            await _interrupt_greeting(desk, number, seen)
        async with visitor(desk.sfu, "stories") as one:
            await one.greeted()
            for _ in range(_ROUNDS):
                for stop in _STOPS[:2]:
                    await _interrupt_story(one, spoken(*stop), 0.0, seen.early, seen)
                for stop in _STOPS:
                    await _interrupt_story(one, spoken(*stop), _UNDER_WAY_S, seen.late, seen)
        async with visitor(desk.sfu, "assent") as one:
            await one.greeted()
            for _ in range(2 * _ROUNDS):
                await _cough_into_story(one, seen)
    return seen


async def _interrupt_greeting(desk: Desk, number: int, seen: Interruptions) -> None:
    await desk.worker.wait_for_output("process initialized", 60, count=number + 1)
    async with visitor(desk.sfu, f"greeting-{number}") as one:
        await one.caller.wait_for_agent(60)
        await until_heard(one, one.caller.joined_s)
        await _interrupt(one, spoken(*_STOPS[number % len(_STOPS)]), seen.early, seen)


async def _interrupt_story(
    one: Visitor,
    sound: tuple[NDArray[np.int16], int],
    after_s: float,
    times_s: list[float],
    seen: Interruptions,
) -> None:
    await _begin_story(one, after_s)
    await _interrupt(one, sound, times_s, seen)
    await one.caller.wait_until_idle(60)


async def _begin_story(one: Visitor, for_s: float) -> None:
    await one.say(_ASKS)
    await until_heard(one, one.caller.speech_end_s, for_s)


async def _interrupt(
    one: Visitor,
    sound: tuple[NDArray[np.int16], int],
    times_s: list[float],
    seen: Interruptions,
) -> None:
    overlap = await interject(one, *sound)
    if overlap.stopped_s is None:
        seen.deaf += 1
    else:
        times_s.append(overlap.stopped_s)


async def _cough_into_story(one: Visitor, seen: Interruptions) -> None:
    await _begin_story(one, _UNDER_WAY_S)
    for noise in (cough(), spoken("Mm-hm.", "hibari"), spoken("Mm-hm.", "espeak-ng")):
        overlap = await interject(one, *noise)
        if overlap.resumed_s is None:
            seen.lost += 1
            return  # the story is over
        seen.unmoved += overlap.stopped_s is None
        seen.resumed.append(overlap.resumed_s)
    await interject(one, *spoken(*_STOPS[0]))
    await one.caller.wait_until_idle(60)


def figures() -> list[Figure]:
    """Return the times, and how often there was none."""
    seen = asyncio.run(take())
    how = "the caller's first sound to the voice's last"
    return [
        of_times("barge-in, in the first moments of a speech", seen.early, how),
        of_times("barge-in, in the midst of one", seen.late, how),
        Figure("barge-ins that did not stop it", str(seen.deaf), "beside those above"),
        of_times(
            "after a cough or an mm-hm", seen.resumed, "the caller's last sound to the voice's next"
        ),
        Figure("of these, those at which it never stopped", str(seen.unmoved), "counted as 0 ms"),
        Figure(
            "coughs and mm-hms after which it stayed silent", str(seen.lost), "beside those above"
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    command("bench.interruptions", __doc__).parse_args(arguments)
    print_table(figures())


if __name__ == "__main__":
    main()
