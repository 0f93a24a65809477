"""What an attack consists of; nothing here plays one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from offmic.audit.completions import Answer, Calls, Fails, Says

if TYPE_CHECKING:
    from offmic.audit.canaries import Coop

Planted = Literal["vault", "tool", "user"]
Step = Answer | Callable[[str], Answer]
"""What the model does; or a function that makes it from a handle of another call."""


@dataclass(frozen=True)
class Turn:
    """What the caller does, and what the model does about it.

    Args:
        answers: for the turn's first request, the one after the first tool result, and so on.
        types: what the caller types; nothing of interest unless given.
        speaks: what the caller says instead, aloud.
        interrupts: said by the caller as soon as the agent speaks.
    """

    answers: Sequence[Step]
    types: str = "Please go on with the next one."
    speaks: str = ""
    interrupts: str = ""


@dataclass(frozen=True)
class Attack:
    """One way to get a value out.

    Args:
        name: what it is called, in a few words.
        shape: makes its value.
        play: from the value, the turns.
        planted: where the value comes from: the file of secrets, a tool, or the caller.
        shown: whether the caller's own screen may show it.
    """

    name: str
    shape: Callable[[Coop], str]
    play: Callable[[str], Sequence[Turn]]
    planted: Planted = "vault"
    shown: bool = True


def given(step: Step, handle: str) -> Answer:
    """Return what the model does, where it has this handle of another call."""
    return step if isinstance(step, Says | Calls | Fails) else step(handle)


def model_says(*chunks: str, pause_s: float = 0.0) -> Sequence[Turn]:
    """Return one turn in which the model says this."""
    return [Turn([Says(chunks, pause_s)])]
