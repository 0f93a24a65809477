"""Over a real SFU: what one gets who comes under another's name, and who wins a race."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from livekit import rtc

from offmic.audit.bystander import Bystander, bystander
from offmic.delivery import DeliveryState
from offmic.delivery.acks import ACK_METHOD
from offmic.delivery.channel import TOPIC_CHAT, TOPIC_SECRET
from offmic.delivery.envelope import EnvelopeError, encode_key, read_envelope
from offmic.receiver import Receiver, SecretReceived
from tests.fakes.deliveries import VALUE, a_secret, announced, delivering, receiving
from tests.fakes.rooms import ROOM, a_token, entered
from tests.fakes.screen_process import screen_process
from tests.fakes.unreliable import Faults
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from offmic.delivery import RoomChannel
    from offmic.delivery.envelope import Head
    from tests.fakes.sfu import Sfu

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="module")]

_SOON_S: Final = 20.0


def _keypair() -> tuple[X25519PrivateKey, str]:
    private_key = X25519PrivateKey.generate()
    return private_key, encode_key(private_key.public_key())


def _key(one: Bystander) -> str:
    return one.room.local_participant.attributes["offmic.key"]


def _bodies(one: Bystander) -> list[str]:
    # The bystander writes a stream's attributes behind its text.
    return [got.text.rpartition(" {")[0] for got in one.on_topic(TOPIC_SECRET)]


def _heads(one: Bystander) -> list[Head]:
    return [read_envelope(body).head for body in _bodies(one)]


def _got(one: Bystander, name: str) -> bool:
    return name in [head.id for head in _heads(one)]


async def _seen(channel: RoomChannel, key: str) -> None:
    room = channel._room  # noqa: SLF001 - what the agent sees
    await eventually(lambda: announced(room, "ann") == key, _SOON_S, "the agent saw that key")


async def _acknowledge(room: rtc.Room, name: str, state: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        await room.local_participant.perform_rpc(
            destination_identity="agent",
            method=ACK_METHOD,
            payload=json.dumps({"id": name, "state": state}),
        )
    )
    return answer


async def test_an_intruder_gets_what_is_open_sealed_to_its_own_key_and_no_once_secret_again(
    sfu: Sfu,
) -> None:
    async with delivering(sfu) as channel, screen_process(sfu) as screen:
        seen = channel.deliver(a_secret(once=True))
        assert await seen.settled(_SOON_S) is DeliveryState.SHOWN
        screen.freeze()
        open_one = channel.deliver(a_secret(once=True))
        async with bystander(sfu, ROOM, "ann") as intruder:
            bodies = await eventually(lambda: _bodies(intruder), _SOON_S, "an envelope came")
            heads = [read_envelope(body).head for body in bodies]
            assert [(head.id, head.key) for head in heads] == [(open_one.id, _key(intruder))]
            # Nothing more comes at once: what follows in order is another one.
            another = channel.deliver(a_secret())
            await eventually(lambda: len(_bodies(intruder)) > 1, _SOON_S, "the next one came")
            ids = [read_envelope(body).head.id for body in _bodies(intruder)]
            assert ids[:2] == [open_one.id, another.id]
            assert seen.id not in ids


@pytest.mark.parametrize("owner", ["stays", "stands still"])
async def test_an_intruder_gets_nothing_of_what_was_shown(sfu: Sfu, owner: str) -> None:
    async with delivering(sfu) as channel, screen_process(sfu, speaks=True) as screen:
        seen = channel.deliver(a_secret())
        assert await seen.settled(_SOON_S) is DeliveryState.SHOWN
        if owner == "stands still":
            screen.freeze()
        for _ in range(2):
            # It comes again, having left by itself: that is no proof of who it is.
            async with bystander(sfu, ROOM, "ann") as intruder:
                await _seen(channel, _key(intruder))
                marker = channel.deliver(a_secret())
                await eventually(partial(_got, intruder, marker.id), _SOON_S, "the marker came")
                heads = _heads(intruder)
                assert seen.id not in [head.id for head in heads]
                assert {head.key for head in heads} == {_key(intruder)}


async def test_a_page_that_is_opened_anew_with_a_bound_key_sees_its_cards_again(sfu: Sfu) -> None:
    """A reload that the server has not noticed throws out the page that was there before."""
    async with delivering(sfu) as channel, AsyncExitStack() as pages:
        got: list[list[SecretReceived]] = [[], []]
        delivery = None
        for cards in got:
            room = rtc.Room()
            receiver = Receiver(room, cards.append)
            await room.connect(sfu.url, a_token(sfu, "ann", bound_key=receiver.key))
            pages.push_async_callback(room.disconnect)
            pages.push_async_callback(receiver.aclose)
            await receiver.start()
            delivery = delivery or channel.deliver(a_secret())
            await eventually(partial(len, cards), _SOON_S, "the card is on this page")
            assert [card.id for card in cards] == [delivery.id]
            assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN


async def test_a_stolen_token_opens_nothing_where_keys_are_bound(sfu: Sfu) -> None:
    _, key = _keypair()
    thief_key, _ = _keypair()
    token = a_token(sfu, "ann", bound_key=key)
    async with delivering(sfu, require_bound_key=True) as channel:
        thief = Bystander(rtc.Room())
        thief.listen()
        await thief.room.connect(sfu.url, token)
        try:
            # It says another key; the server does not take it.
            await thief.room.local_participant.set_attributes({"offmic.key": _keypair()[1]})
            delivery = channel.deliver(a_secret())
            bodies = await eventually(lambda: _bodies(thief), _SOON_S, "an envelope came")
            envelope = read_envelope(bodies[0])
            assert envelope.head.key == key
            with pytest.raises(EnvelopeError):
                envelope.open(thief_key)
            assert delivery.state is DeliveryState.SENT
        finally:
            await thief.room.disconnect()


async def test_the_owner_of_a_bound_key_gets_its_secrets(sfu: Sfu) -> None:
    private_key, key = _keypair()
    async with (
        delivering(sfu, require_bound_key=True) as channel,
        entered(sfu, a_token(sfu, "ann", bound_key=key)) as ann,
    ):
        bodies: asyncio.Queue[str] = asyncio.Queue()

        async def read(reader: rtc.TextStreamReader) -> None:
            bodies.put_nowait(await reader.read_all())

        reading: list[asyncio.Task[None]] = []
        ann.register_text_stream_handler(
            TOPIC_SECRET, lambda reader, _: reading.append(asyncio.create_task(read(reader)))
        )
        delivery = channel.deliver(a_secret())
        envelope = read_envelope(await asyncio.wait_for(bodies.get(), _SOON_S))
        assert envelope.open(private_key) == VALUE
        answer = await _acknowledge(ann, delivery.id, "shown")
        assert answer == {"id": delivery.id, "state": "shown", "first": True}


@pytest.mark.parametrize("plain", ["refuse", "chat"])
async def test_one_whose_key_is_its_own_choice_gets_nothing_where_keys_are_bound(
    sfu: Sfu, plain: Any
) -> None:
    async with (
        delivering(sfu, plain=plain, require_bound_key=True) as channel,
        bystander(sfu, ROOM, "ann") as intruder,
    ):
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(_SOON_S) is DeliveryState.FAILED
        assert delivery.reason == "not_bound"
        assert intruder.on_topic(TOPIC_SECRET) == intruder.on_topic(TOPIC_CHAT) == []


async def test_an_intruder_gets_nothing_of_what_was_sealed_for_a_bound_key(sfu: Sfu) -> None:
    _, key = _keypair()
    async with delivering(sfu, require_bound_key=True) as channel:
        async with entered(sfu, a_token(sfu, "ann", bound_key=key)):
            delivery = channel.deliver(a_secret(ttl_s=6.0))
            await eventually(lambda: delivery.state is DeliveryState.SENT, _SOON_S, "it was sent")
        async with bystander(sfu, ROOM, "ann") as intruder:
            await _seen(channel, _key(intruder))
            with pytest.raises(rtc.RpcError) as refused:
                await _acknowledge(intruder.room, delivery.id, "shown")
            assert refused.value.code == 4004
            assert await delivery.settled(_SOON_S) is DeliveryState.EXPIRED
            assert intruder.on_topic(TOPIC_SECRET) == []


async def test_of_ten_acknowledgements_at_once_one_wins(sfu: Sfu) -> None:
    async with delivering(sfu) as channel, bystander(sfu, ROOM, "ann") as ann:
        delivery = channel.deliver(a_secret())
        await eventually(lambda: _bodies(ann), _SOON_S, "it came")
        states = ["shown", "rejected", "expired"] * 3 + ["shown"]
        answers = await asyncio.gather(
            *(_acknowledge(ann.room, delivery.id, state) for state in states)
        )
        assert delivery.final
        assert len({json.dumps(answer) for answer in answers}) == 1
        won = answers[0]["state"]
        assert delivery.state == (DeliveryState.FAILED if won == "rejected" else won)


async def test_of_two_connections_that_say_shown_the_first_alone_is_told_so(sfu: Sfu) -> None:
    async with delivering(sfu) as channel:
        delivery = channel.deliver(a_secret())
        firsts = []
        for number in range(3):
            async with bystander(sfu, ROOM, "ann") as ann:
                await eventually(partial(_bodies, ann), _SOON_S, f"envelope {number} came")
                answer = await _acknowledge(ann.room, delivery.id, "shown")
                assert answer["state"] == "shown"
                firsts.append(answer["first"])
        assert firsts == [True, False, False]


async def test_ten_tabs_one_after_another_reveal_a_once_secret_at_most_once(sfu: Sfu) -> None:
    """Each one that comes throws the last one out, in the midst of what it does."""
    got: list[SecretReceived] = []
    starts: list[asyncio.Task[None]] = []
    async with delivering(sfu) as channel, AsyncExitStack() as tabs:
        delivery = channel.deliver(a_secret(once=True))
        for _ in range(10):
            room = await tabs.enter_async_context(entered(sfu, a_token(sfu, "ann")))
            receiver = Receiver(room, got.append)
            tabs.push_async_callback(receiver.aclose)
            starts.append(asyncio.create_task(receiver.start()))
        async with receiving(sfu) as last:
            assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
            marker = channel.deliver(a_secret())
            assert await marker.settled(_SOON_S) is DeliveryState.SHOWN
            revealed = [secret.id for secret in [*got, *last]]
            assert revealed.count(delivery.id) <= 1
        for start in starts:
            start.cancel()
        await asyncio.gather(*starts, return_exceptions=True)


async def test_a_screen_that_was_thrown_out_reveals_nothing(sfu: Sfu) -> None:
    async with (
        delivering(sfu) as channel,
        screen_process(sfu, faults=Faults(delay=1.0)) as screen,
    ):
        delivery = channel.deliver(a_secret(once=True))
        await eventually(lambda: screen.of("taken"), _SOON_S, "the first one has the envelope")
        async with receiving(sfu) as second:
            assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
            marker = channel.deliver(a_secret())
            assert await marker.settled(_SOON_S) is DeliveryState.SHOWN
            revealed = [secret.id for secret in second].count(delivery.id)
            assert revealed + len(screen.cards) <= 1
