"""Delivery over a real SFU to screens in processes of their own, which are killed and stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from offmic.delivery import DeliveryState
from tests.fakes.deliveries import a_secret, delivering
from tests.fakes.screen_process import screen_process
from tests.fakes.unreliable import Faults
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from offmic.delivery import Delivery, RoomChannel
    from tests.fakes.deliveries import Trail
    from tests.fakes.screen_process import ScreenProcess
    from tests.fakes.sfu import Sfu

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="module")]

_SOON_S: Final = 20.0
_MUTE: Final = Faults(mute=1.0)


def _cards(screen: ScreenProcess, delivery: Delivery) -> list[tuple[int, int]]:
    """Where the cards of a delivery came: process and connection."""
    return [(c["life"], c["connection"]) for c in screen.cards if c["id"] == delivery.id]


async def _shown(channel: RoomChannel, screen: ScreenProcess) -> Delivery:
    delivery = channel.deliver(a_secret())
    assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
    await eventually(lambda: _cards(screen, delivery), _SOON_S, "its card came")
    return delivery


async def _taken(screen: ScreenProcess, count: int = 1) -> None:
    await eventually(lambda: len(screen.of("taken")) >= count, _SOON_S, f"{count} envelopes came")


async def test_one_that_is_never_acknowledged_is_sent_again_and_expires(
    sfu: Sfu, trail: Trail
) -> None:
    async with delivering(sfu) as channel, screen_process(sfu, faults=_MUTE) as screen:
        delivery = channel.deliver(a_secret(ttl_s=3.0))
        assert await delivery.settled(_SOON_S) is DeliveryState.EXPIRED
        assert len(screen.of("taken")) == 2
        assert _cards(screen, delivery) == [(1, 1)]
        assert trail.of(delivery.id) == ["expired"]


async def test_one_whose_screen_dies_before_is_shown_to_the_next(sfu: Sfu, trail: Trail) -> None:
    async with delivering(sfu) as channel, screen_process(sfu) as screen:
        await _shown(channel, screen)
        await screen.kill()
        # The server takes the dead one for a participant still.
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(0.5) is DeliveryState.SENT
        await screen.start()
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        assert _cards(screen, delivery) == [(2, 1)]
        assert trail.of(delivery.id) == ["shown"]


@pytest.mark.parametrize("once", [False, True])
async def test_one_whose_screen_dies_before_it_acknowledged_is_sealed_anew_for_the_next_key(
    sfu: Sfu, trail: Trail, *, once: bool
) -> None:
    async with delivering(sfu) as channel, screen_process(sfu, faults=_MUTE) as screen:
        delivery = channel.deliver(a_secret(once=once))
        await _taken(screen)
        assert delivery.state is DeliveryState.SENT
        await screen.kill()
        await screen.start(Faults())
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        await eventually(lambda: (2, 1) in _cards(screen, delivery), _SOON_S, "the second card")
        # Without the agent's word the first screen never revealed what may be seen once.
        assert _cards(screen, delivery) == ([(2, 1)] if once else [(1, 1), (2, 1)])
        assert all(card["right"] for card in screen.cards)
        first, second = screen.of("up")
        assert first["key"] != second["key"]
        assert trail.of(delivery.id) == ["shown"]


@pytest.mark.parametrize("speaks", [True, False])
async def test_one_that_was_shown_comes_back_to_the_next_screen_and_its_outcome_stays(
    sfu: Sfu, trail: Trail, *, speaks: bool
) -> None:
    async with delivering(sfu) as channel, screen_process(sfu, speaks=speaks) as screen:
        delivery = await _shown(channel, screen)
        await screen.leave()
        await screen.come_back()
        await eventually(lambda: (1, 2) in _cards(screen, delivery), _SOON_S, "the second card")
        assert _cards(screen, delivery) == [(1, 1), (1, 2)]
        assert trail.of(delivery.id) == ["shown"]
        assert screen.cards[1]["ttl_s"] < screen.cards[0]["ttl_s"]


@pytest.mark.parametrize("how", ["leaves", "is killed"])
async def test_a_once_secret_is_never_sent_again_after_it_was_shown(sfu: Sfu, how: str) -> None:
    async with delivering(sfu) as channel, screen_process(sfu) as screen:
        delivery = channel.deliver(a_secret(once=True))
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        await eventually(lambda: _cards(screen, delivery), _SOON_S, "it was revealed")
        if how == "leaves":
            await screen.leave()
            await screen.come_back()
        else:
            await screen.kill()
            await screen.start()
        # The SFU keeps the order: what was sent to the new connection before this came before it.
        await _shown(channel, screen)
        assert len(screen.of("taken")) == 2
        assert len(_cards(screen, delivery)) == 1


async def test_a_once_secret_whose_answer_was_lost_is_not_revealed(sfu: Sfu) -> None:
    async with (
        delivering(sfu) as channel,
        screen_process(sfu, faults=Faults(deaf=1.0)) as screen,
    ):
        delivery = channel.deliver(a_secret(once=True))
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        await eventually(lambda: screen.of("answered"), _SOON_S, "the answer came, and was lost")
        await screen.calm()
        await _shown(channel, screen)
        assert _cards(screen, delivery) == []


async def test_one_that_comes_back_between_two_connections_gets_each_secret_with_one_id(
    sfu: Sfu, trail: Trail
) -> None:
    async with delivering(sfu) as channel, screen_process(sfu) as screen:
        await screen.leave()
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(0.5) is not DeliveryState.SHOWN
        await screen.come_back()
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        assert _cards(screen, delivery) == [(1, 2)]
        assert trail.of(delivery.id) == ["shown"]


async def test_duplicate_envelopes_in_any_order_make_one_card_each(sfu: Sfu) -> None:
    faults = Faults(duplicate=1.0, swap=True)
    async with delivering(sfu) as channel, screen_process(sfu, faults=faults) as screen:
        early, late = channel.deliver(a_secret()), channel.deliver(a_secret())
        for delivery in (early, late):
            assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        assert [card["id"] for card in screen.cards] in (
            [late.id, early.id],
            [early.id, late.id],
        )


async def test_one_that_expires_while_its_screen_stands_still_stays_expired(
    sfu: Sfu, trail: Trail
) -> None:
    async with delivering(sfu) as channel, screen_process(sfu) as screen:
        await _shown(channel, screen)
        screen.freeze()
        delivery = channel.deliver(a_secret(ttl_s=1.0, once=True))
        assert await delivery.settled(_SOON_S) is DeliveryState.EXPIRED
        screen.thaw()
        await _shown(channel, screen)
        assert len(screen.of("taken")) == 3
        assert _cards(screen, delivery) == []
        assert delivery.state is DeliveryState.EXPIRED
        assert trail.of(delivery.id) == ["expired"]


async def test_one_that_expires_while_its_screen_is_away_is_never_sent(sfu: Sfu) -> None:
    async with delivering(sfu) as channel, screen_process(sfu) as screen:
        await screen.leave()
        delivery = channel.deliver(a_secret(ttl_s=0.5))
        assert await delivery.settled(_SOON_S) is DeliveryState.EXPIRED
        await screen.come_back()
        await _shown(channel, screen)
        assert len(screen.of("taken")) == 1


async def test_a_screen_that_stood_still_shows_what_came_meanwhile_once(sfu: Sfu) -> None:
    async with delivering(sfu) as channel, screen_process(sfu) as screen:
        await _shown(channel, screen)
        screen.freeze()
        delivery = channel.deliver(a_secret())
        # Longer than the first time it is sent again.
        assert await delivery.settled(3.0) is DeliveryState.SENT
        screen.thaw()
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        await _taken(screen, 3)
        await _shown(channel, screen)
        assert _cards(screen, delivery) == [(1, 1)]


async def test_two_callers_in_one_room_get_what_each_asked_for(sfu: Sfu) -> None:
    async with (
        delivering(sfu, "ann") as channel,
        screen_process(sfu, "ann") as anns,
        screen_process(sfu, "bob") as bobs,
    ):
        listened_to = "ann"
        channel._addressee = lambda: listened_to  # noqa: SLF001 - the ear goes from one to the other
        first = channel.deliver(a_secret())
        listened_to = "bob"
        second, third = channel.deliver(a_secret()), channel.deliver(a_secret())
        for delivery in (first, second, third):
            assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        await eventually(lambda: len(bobs.cards) == 2, _SOON_S, "bob's cards came")
        assert [card["id"] for card in anns.cards] == [first.id]
        assert {card["id"] for card in bobs.cards} == {second.id, third.id}
        assert len(anns.of("taken")) == 1


async def test_ten_connections_of_one_identity_reveal_a_once_secret_at_most_once(
    sfu: Sfu, trail: Trail
) -> None:
    """Each one that comes throws the last one out, in the midst of its acknowledgement."""
    async with delivering(sfu) as channel, screen_process(sfu) as screen:
        await screen.leave()
        delivery = channel.deliver(a_secret(once=True))
        for _ in range(10):
            await screen.come_back()
            await asyncio.sleep(0)
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        await _shown(channel, screen)
        assert len(_cards(screen, delivery)) <= 1
        assert trail.of(delivery.id) == ["shown"]
