"""What an attack has the model say is found by the audit's own search."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from offmic.audit.attacks import ATTACKS
from offmic.audit.attacks.model import given
from offmic.audit.canaries import Coop
from offmic.audit.completions import Calls, Says
from offmic.audit.renderings import Text, leaks

if TYPE_CHECKING:
    from offmic.audit.attacks.model import Attack


def _played(attack: Attack, value: str) -> list[str]:
    texts = []
    for turn in attack.play(value):
        answers = [given(step, "a handle") for step in turn.answers]
        texts += ["".join(answer.chunks) for answer in answers if isinstance(answer, Says)]
        texts += [str(a.arguments) for a in answers if isinstance(a, Calls)]
        texts += [turn.types, turn.speaks]
    return texts


def _by_tool(attack: Attack) -> bool:
    first = attack.play(attack.shape(Coop(Random(0))))[0].answers[0]
    return attack.planted == "tool" or (isinstance(first, Calls) and "attack" in first.arguments)


SAID = [a for a in ATTACKS if a.shown and not _by_tool(a)]
"""Attacks in whose words the value stands; others try handles that must not resolve."""


@pytest.mark.parametrize("attack", SAID, ids=lambda a: a.name)
@pytest.mark.parametrize("said", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_what_an_attack_plays_is_found_whoever_wrote_it_down(
    attack: Attack, seed: int, *, said: bool
) -> None:
    value = attack.shape(Coop(Random(seed)))
    assert leaks(value, Text("\n".join(_played(attack, value)), said=said))


def test_canaries_share_nothing() -> None:
    coop = Coop(Random(7))
    values = [attack.shape(coop) for attack in ATTACKS]
    for value in values:
        others = "\n".join(other for other in values if other != value)
        assert not leaks(value, others)


def test_there_are_at_least_25_attacks_with_names_of_their_own() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) >= 25
    assert not any("," in name for name in names)
