"""What a recogniser is to the engine; it must never look at chunks, only at tokens."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from offmic.guard.model import SecretDiverted
    from offmic.guard.tokens import Token

NOTHING: Final = sys.maxsize
"""The position that a recogniser gives as its hold when it holds nothing."""


@dataclass(slots=True, eq=False)
class Match:
    """A span that must not go on.

    Args:
        start: position of its first character in the turn.
        end: position behind its last one.
        rank: of two matches of the same span the lower one counts.
        found: what is told of it; None where it is dropped without a word.
        put: text that takes its place where nothing is told.
    """

    start: int
    end: int
    rank: int
    found: SecretDiverted | None
    put: str = ""


class Follower(Protocol):
    """Follows something in a turn."""

    def finish(self) -> None:
        """Read the end of the turn."""

    def reset(self) -> None:
        """Forget the turn."""


class Recogniser(Follower, Protocol):
    """Finds one family of secrets in a stream of tokens.

    Whatever it reports must begin no earlier than the hold it gave before, so that streamed and
    whole text come out the same.
    """

    hold: int
    """Where what can still begin or extend a match begins, after the last closed token."""

    @property
    def busy(self) -> bool:
        """Whether it follows something: if not, plain words and spaces mean nothing to it."""

    def take(self, token: Token) -> None:
        """Read a token that is complete."""

    def peek(self, token: Token) -> int:
        """Return where the hold begins if this incomplete token is what comes next."""
