"""Turns segments into what is said and what is written; it must never see a value's text go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.guard.model import Said, SecretDiverted
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from offmic.guard.model import Segment

ON_SCREEN: Final = "on your screen"
"""What is said in a secret's place once it is shown."""

_NAMES: Final = {
    Kind.OTP: "one-time code",
    Kind.CARD: "card number",
    Kind.IBAN: "IBAN",
    Kind.ACCOUNT: "account number",
    Kind.SSN: "social security number",
    Kind.GOV_ID: "ID number",
    Kind.API_KEY: "API key",
    Kind.PRIVATE_KEY: "private key",
    Kind.OTHER: "secret",
}


def name_of(secret: SecretDiverted) -> str:
    """Return a secret's label, or where it has none the name of its kind."""
    return secret.label or _NAMES.get(secret.kind, secret.kind.value)


@dataclass(frozen=True, slots=True)
class Phrased:
    """A piece of a turn in its two forms.

    Args:
        spoken: what goes to the voice.
        transcript: what is written, with the label in brackets for each secret.
    """

    spoken: str
    transcript: str


class Phrasing:
    """The words that stand where secrets stood, for one turn at a time.

    Args:
        phrase: gives what is said in the place of a secret.
    """

    def __init__(self, phrase: Callable[[SecretDiverted], str] = lambda _: ON_SCREEN) -> None:
        self._phrase = phrase
        self._last: SecretDiverted | None = None

    def take(self, segments: Iterable[Segment]) -> Phrased:
        """Phrase the next segments of a turn.

        Args:
            segments: what the guard returned.

        Returns:
            Both forms of them. Pieces of one value directly behind each other get one phrase.
        """
        spoken: list[str] = []
        transcript: list[str] = []
        for segment in segments:
            if isinstance(segment, Said):
                if segment.text:
                    self._last = None
                spoken.append(segment.text)
                transcript.append(segment.text)
                continue
            last, self._last = self._last, segment
            if last is None:
                spoken.append(self._phrase(segment))
            if last is None or name_of(last) != name_of(segment):
                transcript.append(f"[{name_of(segment)}]")
        return Phrased("".join(spoken), "".join(transcript))

    def end(self) -> None:
        """End the turn: the next secret gets a phrase of its own."""
        self._last = None
