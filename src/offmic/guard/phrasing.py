"""Turns segments into what is said and what is written; it must never see a value's text go by."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.guard.model import Said, SecretDiverted
from offmic.guard.spoken import words
from offmic.secrets.secret import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from offmic.guard.model import Segment

ON_SCREEN: Final = "on your screen"
"""What is said in a secret's place once it is shown."""

_LOOK_BACK: Final = 64
_BEFORE_PHRASE: Final = words("is are was were be s been remains reads says not now")
_DETERMINERS: Final = words("the a an my your our his her their this that its new")
_LISTS: Final = frozenset({"", "and", "or", "then", "and then"})
_STOPS: Final = re.compile(r"[.!?]\s")
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
        fitted: whether the phrase is made to fit what goes before it: "Use the door code on your
            screen" instead of "Use on your screen".
    """

    def __init__(
        self, phrase: Callable[[SecretDiverted], str] = lambda _: ON_SCREEN, *, fitted: bool = False
    ) -> None:
        self._phrase = phrase
        self._fitted = fitted
        self._last: SecretDiverted | None = None
        self._before = self._since = self._listed = ""

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
                    self._since = (self._since + segment.text)[-_LOOK_BACK:]
                    self._before = (self._before + segment.text)[-_LOOK_BACK:]
                spoken.append(segment.text)
                transcript.append(segment.text)
                continue
            last, self._last = self._last, segment
            if last is None:
                phrase = self._phrase(segment)
                listed = self._listed == name_of(segment) and self._since.strip(" ,") in _LISTS
                fitted = self._fitted and not listed
                spoken.append(fit(self._before, segment, phrase) if fitted else phrase)
            self._since, self._listed = "", name_of(segment)
            if last is None or name_of(last) != name_of(segment):
                transcript.append(f"[{name_of(segment)}]")
        return Phrased("".join(spoken), "".join(transcript))

    def foretell(self, segments: Iterable[Segment], phrase: str) -> str:
        """Return what would be said for the next segments, and take none of them.

        Args:
            segments: what the guard returned.
            phrase: what would be said in the place of each secret.
        """
        ahead = copy(self)
        ahead._phrase = lambda _: phrase  # noqa: SLF001 - a copy of its own
        return ahead.take(segments).spoken

    def end(self) -> None:
        """End the turn: the next secret gets a phrase of its own."""
        self._last = None
        self._before = self._since = self._listed = ""


def fit(before: str, secret: SecretDiverted, phrase: str) -> str:
    """Make a phrase a part of the sentence in which the secret stood.

    Args:
        before: what was said before it in this turn.
        secret: what stood there.
        phrase: what is to be said of it, such as "on your screen".

    Returns:
        The phrase, with the secret's name before it where the sentence needs a noun.
    """
    heard = re.findall(r"[^\W_]+", before)
    last = heard[-1].lower() if heard else ""
    name = name_of(secret)
    end = before.rstrip()[-1:]
    if end in {"", ".", "!", "?"}:
        return f"The {name} {phrase}"
    if end in ":=-(\"'" or last in _BEFORE_PHRASE or last in _nouns(name):
        return phrase
    if last in _DETERMINERS:
        return f"{name} {phrase}"
    sentence = re.findall(r"[^\W_]+", _STOPS.split(before)[-1].lower())
    # "Your PIN has been set to the one on your screen."
    named = bool(sentence) and name.lower().split()[-1] in sentence
    return f"the one {phrase}" if named else f"the {name} {phrase}"


def _nouns(name: str) -> set[str]:
    return {"number", "no", *re.findall(r"[^\W_]+", name.lower())}
