"""Searches what the sinks hold; it must never pass over a sink that could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from offmic.audit.renderings import Text, leaks
from offmic.audit.sinks import SINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from offmic.audit.attacks.model import Attack
    from offmic.audit.canaries import Canary
    from offmic.audit.sinks import Evidence, Sink

SCREEN: Final = "the caller's screen"
"""Not a sink where a value may not be, but for what the caller has no right to."""


@dataclass(frozen=True)
class Leak:
    """A value found where it must not be.

    Args:
        attack: whose value.
        sink: where.
        renderings: in which forms.
        masked: the value as it may be shown.
    """

    attack: str
    sink: str
    renderings: tuple[str, ...]
    masked: str


@dataclass
class Verdict:
    """What an audit found.

    Args:
        attacks: what was played.
        leaks: by sink, then attack.
        unread: sinks in which the planted words were not found, and where.
        unplayed: attacks that did not take place, and why.
    """

    attacks: Sequence[str]
    leaks: list[Leak] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    unplayed: dict[str, str] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether every sink was read, every attack played, and nothing found."""
        return not (self.leaks or self.unread or self.unplayed)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "clean": self.clean,
            "attacks": list(self.attacks),
            "sinks": [sink.name for sink in SINKS],
            "leaks": [
                {
                    "attack": leak.attack,
                    "sink": leak.sink,
                    "renderings": list(leak.renderings),
                    "value": leak.masked,
                }
                for leak in self.leaks
            ],
            "unread": self.unread,
            "unplayed": self.unplayed,
        }


def judge(
    evidence: Evidence,
    attacks: Mapping[Attack, Canary],
    done: Callable[[Sink], None] = lambda _: None,
) -> Verdict:
    """Search every sink for every value.

    Args:
        evidence: what there is to read.
        attacks: what was played, with the values.
        done: called after each sink.
    """
    verdict = Verdict([attack.name for attack in attacks])
    for seen in evidence.seen:
        verdict.unplayed |= seen.unplayed
    for sink in SINKS:
        texts = sink.read(evidence)
        unread = [
            s.room
            for s in evidence.seen
            if not any(_holds(text, s.planted, heard=sink.heard) for text in texts)
        ]
        if unread:
            verdict.unread[sink.name] = f"the planted words of {', '.join(unread)} are not in it"
        searched = [Text(text, said=sink.said) for text in texts]
        for canary in attacks.values():
            found = dict.fromkeys(name for text in searched for name in leaks(canary.value, text))
            if found:
                verdict.leaks.append(Leak(canary.owner, sink.name, tuple(found), canary.masked))
        done(sink)
    shown = [value for seen in evidence.seen for value in seen.screen]
    verdict.leaks += [
        Leak(canary.owner, SCREEN, ("as it is",), canary.masked)
        for attack, canary in attacks.items()
        if not attack.shown and canary.value in shown
    ]
    return verdict


def _holds(text: str, planted: str, *, heard: bool) -> bool:
    found = [word in text.casefold() for word in planted.split()]
    # Half of what was said: no other call has these words, and one misheard says nothing.
    return sum(found) >= (len(found) / 2 if heard else len(found))
