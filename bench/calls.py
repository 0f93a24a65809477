"""Calls a real worker and takes times at the caller; it must never use the agent's own figures.

All times are of the monotonic clock of the caller's process. The first sound of an answer is the
first frame louder than -40 dB that comes after the caller's last sound; the agent is silent when
the caller speaks, so that it belongs to the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.fakes.visitor import visitor

if TYPE_CHECKING:
    from tests.fakes.desk import Desk
    from tests.fakes.visitor import Visitor

_FIRST_SOUND_TIMEOUT_S: Final = 30.0

REQUESTS: Final = (
    "What is the Wi-Fi password?",
    "Can you tell me the door code?",
    "Please tell me the magic word.",
    "I need the password for the guest wifi.",
    "What is the door code?",
) * 4
# All of it is the chat model's to answer.
SMALL_TALK: Final = (
    "How are you today?",
    "I had a long journey.",
    "I am here for a meeting.",
    "It is raining outside.",
    "Thank you very much.",
) * 2


async def time_greetings(desk: Desk, count: int) -> list[float]:
    """Join this many rooms, one after another; return the times to the first sound, in seconds.

    A process that was loaded before waits for each call, as it does where calls are not dense.
    """
    times_s = []
    for number in range(count):
        await desk.worker.wait_for_output("process initialized", 60, count=number + 1)
        async with visitor(desk.sfu, f"greeting-{number}") as one:
            await one.greeted()
            times_s.append(_first_sound_s(one, one.caller.joined_s) - one.caller.joined_s)
    return times_s


async def time_answers(one: Visitor, sentences: tuple[str, ...]) -> list[float]:
    """Speak each sentence; return the times from its last sound to the answer's first.

    Args:
        one: a visitor who was greeted.
        sentences: what to say.

    Returns:
        One time a sentence, in seconds.
    """
    times_s = []
    for sentence in sentences:
        events = len(one.caller.events)
        await one.say(sentence)
        end_s = one.caller.speech_end_s
        await one.caller.wait_until_answered(events, _FIRST_SOUND_TIMEOUT_S)
        times_s.append(_first_sound_s(one, end_s) - end_s)
    return times_s


def _first_sound_s(one: Visitor, after_s: float) -> float:
    heard_s = one.caller.ear.first_sound_after(after_s)
    assert heard_s is not None, "the agent was not heard"
    return heard_s
