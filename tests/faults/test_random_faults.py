"""Over a real SFU, screens in processes of their own: no secret is lost, shown double or forgotten.

`make faults` runs 1,000 deliveries; `DELIVERIES` and `SEED` in the environment say otherwise. Of a
seed the faults come again, not the microseconds between them.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

import pytest

from offmic.delivery import Delivery, DeliveryState
from tests.fakes.deliveries import delivering
from tests.fakes.screen_process import ScreenProcess, screen_process
from tests.faults.chaos import FAULTS, LASTING_S, Chaos

if TYPE_CHECKING:
    from offmic.secrets import Secret
    from tests.fakes.deliveries import Trail
    from tests.fakes.sfu import Sfu

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="module")]

_DELIVERIES: Final = int(os.environ.get("DELIVERIES", "60"))
_SEED: Final = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
_CALLERS: Final = ("ann", "bob", "cem")


async def test_every_delivery_ends_once_and_no_card_comes_twice(sfu: Sfu, trail: Trail) -> None:
    print(f"\nseed {_SEED}: {_DELIVERIES} deliveries")  # noqa: T201 - to run it again
    chance = random.Random(_SEED)
    async with delivering(sfu) as channel, AsyncExitStack() as stack:
        screens = [
            await stack.enter_async_context(
                screen_process(sfu, name, FAULTS, seed=chance.randrange(10**6))
            )
            for name in _CALLERS
        ]
        chaos = Chaos(channel, screens, chance)
        await chaos.run(_DELIVERIES)
    outcomes = Counter(str(delivery.state) for delivery in chaos.deliveries)
    cards = [(screen, card) for screen in screens for card in screen.cards]
    print(f"outcomes {dict(outcomes)}, {len(cards)} cards")  # noqa: T201
    assert len(chaos.deliveries) == _DELIVERIES == sum(outcomes.values())
    for delivery in chaos.deliveries:
        secret = chaos.secrets[delivery.id]
        _check_outcome(delivery, secret, trail)
        _check_cards(delivery, secret, cards)
    # All that was shown was asked for, and is right.
    assert {card["id"] for _, card in cards} <= {delivery.id for delivery in chaos.deliveries}
    assert all(card["right"] for _, card in cards)


def _check_outcome(delivery: Delivery, secret: Secret, trail: Trail) -> None:
    assert delivery.final, delivery
    assert trail.of(delivery.id) == [str(delivery.state)]
    assert delivery.state in (DeliveryState.SHOWN, DeliveryState.EXPIRED), delivery.reason
    if secret.ttl_s == LASTING_S:
        assert delivery.state is DeliveryState.SHOWN


def _check_cards(
    delivery: Delivery, secret: Secret, cards: list[tuple[ScreenProcess, dict[str, Any]]]
) -> None:
    mine = [(screen, card) for screen, card in cards if card["id"] == delivery.id]
    assert all(screen.identity == delivery.identity for screen, _ in mine)
    # A connection that ended took its cards with it: two at a time would be two on one.
    places = Counter((card["life"], card["connection"]) for _, card in mine)
    assert all(count == 1 for count in places.values()), places
    if secret.once:
        assert len(mine) <= 1
        assert delivery.state is DeliveryState.SHOWN or not mine
    elif delivery.state is DeliveryState.SHOWN:
        assert mine
