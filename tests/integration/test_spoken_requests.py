"""Thirty spoken requests in two voices get their secret; small talk gets none."""

from __future__ import annotations

import asyncio
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from tests.fakes.desk import LABELS
from tests.fakes.visitor import visitor
from tests.fakes.worker import PROJECT

if TYPE_CHECKING:
    from tests.fakes.desk import Desk

pytestmark = pytest.mark.sfu

ROWS: Final = tomllib.loads((PROJECT / "tests/data/spoken_requests.toml").read_text())
LEAST_RIGHT: Final = 27


@dataclass(frozen=True)
class Outcome:
    """What one sentence got."""

    text: str
    voice: str
    wanted: str
    got: tuple[str, ...]
    understood: str
    answered: str

    @property
    def verdict(self) -> str:
        if not self.got:
            return "none" if self.wanted else "right"
        return "right" if set(self.got) == {self.wanted} else "WRONG"

    def __str__(self) -> str:
        return (
            f"{self.verdict:5} {self.voice:9} {self.text!r}\n"
            f"      understood {self.understood!r}\n      got {self.got} {self.answered!r}"
        )


async def test_at_least_27_of_30_get_the_right_secret_none_a_wrong_one_small_talk_none(
    desk: Desk,
) -> None:
    outcomes = [
        outcome
        for by_voice in await asyncio.gather(converse(desk, "hibari"), converse(desk, "espeak-ng"))
        for outcome in by_voice
    ]
    table = "\n".join(map(str, outcomes))
    right = [o for o in outcomes if o.wanted and o.verdict == "right"]
    wrong = [o for o in outcomes if o.verdict == "WRONG"]
    assert len(outcomes) == 40
    assert not wrong, table
    assert len(right) >= LEAST_RIGHT, f"{len(right)} right\n{table}"


async def converse(desk: Desk, voice: str) -> list[Outcome]:
    """Say everything that is written for one voice, in a room of its own."""
    rows = [row for row in (*ROWS["request"], *ROWS["small_talk"]) if row["voice"] == voice]
    outcomes = []
    async with visitor(desk.sfu, f"spoken-{voice}") as caller:
        await caller.greeted()
        for row in rows:
            answer = await caller.ask(row["text"], voice)
            wanted = LABELS[row["secret"]] if "secret" in row else ""
            got = tuple(label for label, _ in answer.shown)
            outcomes.append(
                Outcome(row["text"], voice, wanted, got, answer.understood, answer.written)
            )
    return outcomes
