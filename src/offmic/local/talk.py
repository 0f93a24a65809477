"""Answers what the chat model would make up: it must never claim to know or do what it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from offmic.local.words import pattern, plain, read_data, without_fillers

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from offmic.local.names import Name


@dataclass(frozen=True, slots=True)
class _Reply:
    said: re.Pattern[str]
    text: str
    unknown: str
    """What is said where nothing can be looked up."""


def reply(said: str, names: Sequence[Name], last: str) -> str | None:
    """Return what is to be said, or None where it is the chat model's to answer.

    Args:
        said: the caller's words.
        names: what can be looked up.
        last: the assistant's last words, empty where there were none.
    """
    text = plain(said)
    brief = without_fillers(text)
    for candidate in _replies():
        if candidate.said.match(f"{text} ") or candidate.said.match(f"{brief} "):
            if "{last}" in candidate.text:
                return last or None
            if not names:
                return candidate.unknown or candidate.text
            return candidate.text.format(names=_listed([f"the {name.label}" for name in names]))
    return None


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@cache
def _replies() -> tuple[_Reply, ...]:
    data = read_data("talk")
    return tuple(
        _Reply(pattern(row["said"], data["rules"]), row["reply"], row.get("unknown", ""))
        for row in data["replies"]
    )
