"""Delivery over a real SFU: to one participant, sealed, acknowledged, with a truthful outcome."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Final, Literal

import pytest
from livekit import rtc

from offmic.audit.bystander import bystander
from offmic.delivery import DeliveryState, RoomChannel
from offmic.delivery.acks import ACK_METHOD
from offmic.delivery.channel import ATTRIBUTE_KEY, TOPIC_CHAT, TOPIC_SECRET
from offmic.delivery.envelope import Head, seal
from offmic.receiver import Receiver, SecretReceived
from offmic.secrets import Secret
from tests.fakes.deliveries import VALUE, a_secret, announced, delivering, receiving
from tests.fakes.rooms import ROOM, joined
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from tests.fakes.sfu import Sfu

pytestmark = [pytest.mark.sfu, pytest.mark.asyncio(loop_scope="module")]

_SOON_S: Final = 10.0
_OTHER_KEY: Final = "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"


async def _refusal(caller: rtc.Room, payload: str) -> tuple[int, str]:
    with pytest.raises(rtc.RpcError) as refused:
        await caller.local_participant.perform_rpc(
            destination_identity="agent", method=ACK_METHOD, payload=payload
        )
    return refused.value.code, refused.value.message


async def test_a_secret_reaches_the_one_who_asked_sealed_and_nobody_else(
    sfu: Sfu, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        delivering(sfu) as channel,
        receiving(sfu) as got,
        receiving(sfu, "bob") as bobs,
        bystander(sfu, ROOM) as other,
        bystander(sfu, ROOM, "unseen", hidden=True) as unseen,
    ):
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        assert [(s.id, s.label, s.value) for s in got] == [(delivery.id, "Wi-Fi password", VALUE)]
        assert bobs == []
        for one in (other, unseen):
            assert one.on_topic(TOPIC_SECRET) == []
            assert VALUE not in one.everything
        assert VALUE not in caplog.text
        assert VALUE not in repr(delivery)


async def test_the_body_that_travels_is_sealed_and_short(sfu: Sfu) -> None:
    async with delivering(sfu) as channel, bystander(sfu, ROOM, "ann") as ann:
        await ann.room.local_participant.set_attributes({ATTRIBUTE_KEY: _OTHER_KEY})
        channel.deliver(a_secret())
        streams = await eventually(
            lambda: ann.on_topic(TOPIC_SECRET), _SOON_S, "an envelope reached its recipient"
        )
        assert VALUE not in ann.everything
        assert '"v":1' in streams[0].text


async def test_a_once_secret_is_revealed_after_the_agents_word(sfu: Sfu) -> None:
    async with delivering(sfu) as channel, receiving(sfu) as got:
        delivery = channel.deliver(a_secret(once=True))
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        await eventually(lambda: got, _SOON_S, "the value was revealed")
        assert [s.value for s in got] == [VALUE]


async def test_a_client_without_a_receiver_gets_nothing(sfu: Sfu) -> None:
    async with delivering(sfu) as channel, bystander(sfu, ROOM, "ann", key=False) as ann:
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(_SOON_S) is DeliveryState.FAILED
        assert delivery.reason == "no_receiver"
        assert ann.on_topic(TOPIC_SECRET) == ann.on_topic(TOPIC_CHAT) == []


async def test_a_plain_client_gets_it_on_chat_alone_where_that_is_allowed(sfu: Sfu) -> None:
    async with (
        delivering(sfu, plain="chat") as channel,
        bystander(sfu, ROOM, "ann", key=False) as ann,
        bystander(sfu, ROOM, "bob", key=False) as bob,
    ):
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(_SOON_S) is DeliveryState.UNCONFIRMED
        chats = await eventually(lambda: ann.on_topic(TOPIC_CHAT), _SOON_S, "the chat came")
        assert VALUE in chats[0].text
        assert bob.on_topic(TOPIC_CHAT) == []


@pytest.mark.parametrize("key", ["", "AAAA", "A" * 43], ids=["empty", "short", "low order"])
async def test_a_key_that_is_none_is_no_receiver(sfu: Sfu, key: str) -> None:
    async with delivering(sfu) as channel, bystander(sfu, ROOM, "ann", key=False) as ann:
        await ann.room.local_participant.set_attributes({ATTRIBUTE_KEY: key})
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(_SOON_S) is DeliveryState.FAILED
        assert ann.on_topic(TOPIC_SECRET) == []


async def test_the_first_valid_key_of_a_connection_holds(sfu: Sfu) -> None:
    got: list[SecretReceived] = []
    async with joined(sfu, "agent", kind="agent") as agent, joined(sfu, "ann") as ann:
        channel = RoomChannel(agent, lambda: "ann", plain_clients="refuse")
        receiver = Receiver(ann, got.append)
        await receiver.start()
        await channel.deliver(a_secret()).settled(_SOON_S)
        await ann.local_participant.set_attributes({ATTRIBUTE_KEY: _OTHER_KEY})
        await eventually(
            lambda: announced(agent, "ann") == _OTHER_KEY,
            _SOON_S,
            "the agent saw the second key",
        )
        assert await channel.deliver(a_secret()).settled(_SOON_S) is DeliveryState.SHOWN
        assert len(got) == 2
        await receiver.aclose()
        await channel.aclose()


async def test_a_key_announced_late_is_in_time(sfu: Sfu) -> None:
    got: list[SecretReceived] = []
    async with delivering(sfu) as channel, joined(sfu, "ann") as room:
        delivery = channel.deliver(a_secret())
        receiver = Receiver(room, got.append)
        await receiver.start()
        assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
        assert [s.value for s in got] == [VALUE]
        await receiver.aclose()


async def test_a_secret_for_one_who_left_is_not_decided_and_reaches_them_again(sfu: Sfu) -> None:
    async with delivering(sfu) as channel:
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(0.2) is DeliveryState.QUEUED
        async with receiving(sfu) as got:
            assert await delivery.settled(_SOON_S) is DeliveryState.SHOWN
            assert [s.id for s in got] == [delivery.id]
        # Not shown once and for all: the page was reloaded.
        async with receiving(sfu) as again:
            await eventually(lambda: again, _SOON_S, "it came to the new connection")
            assert [s.id for s in again] == [delivery.id]


async def test_nobody_listened_to_is_a_failure_at_once(sfu: Sfu) -> None:
    async with delivering(sfu, to=None) as channel:
        delivery = channel.deliver(a_secret())
        assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "nobody")


async def test_what_does_not_fit_is_a_failure(sfu: Sfu) -> None:
    async with delivering(sfu) as channel, receiving(sfu) as got:
        delivery = channel.deliver(Secret("x" * 9000, "long"))
        assert await delivery.settled(_SOON_S) is DeliveryState.FAILED
        assert delivery.reason == "rejected"
        assert got == []


async def test_an_unanswered_one_expires(sfu: Sfu) -> None:
    async with delivering(sfu) as channel, bystander(sfu, ROOM, "ann"):
        delivery = channel.deliver(a_secret(ttl_s=0.5))
        assert await delivery.settled(_SOON_S) is DeliveryState.EXPIRED


async def test_the_end_of_the_call_fails_what_is_open(sfu: Sfu) -> None:
    async with delivering(sfu) as channel:
        delivery = channel.deliver(a_secret())
        await channel.aclose()
        assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "call_over")
        later = channel.deliver(a_secret())
        assert (later.state, later.reason) == (DeliveryState.FAILED, "call_over")


async def test_forged_acknowledgements_change_nothing_and_cannot_be_told_apart(sfu: Sfu) -> None:
    async with (
        delivering(sfu) as channel,
        bystander(sfu, ROOM, "ann") as ann,
        joined(sfu, "mallory") as mallory,
    ):
        delivery = channel.deliver(a_secret())
        await eventually(lambda: ann.on_topic(TOPIC_SECRET), _SOON_S, "it was sent")
        # Everybody can read the key, and announce it as their own.
        key = ann.room.local_participant.attributes[ATTRIBUTE_KEY]
        await mallory.local_participant.set_attributes({ATTRIBUTE_KEY: key})
        agent = channel._room  # noqa: SLF001 - what the agent sees
        await eventually(lambda: announced(agent, "mallory") == key, _SOON_S, "it was announced")
        forged = json.dumps({"id": delivery.id, "state": "shown"})
        unknown = json.dumps({"id": "A" * 22, "state": "shown"})
        refusal = (4004, "no such delivery")
        assert await _refusal(mallory, forged) == refusal
        assert await _refusal(mallory, unknown) == refusal
        assert await _refusal(ann.room, unknown) == refusal
        assert delivery.state is DeliveryState.SENT


@pytest.mark.parametrize(
    ("payload", "refusal"),
    [
        ("{", (4000, "malformed acknowledgement")),
        ('{"id": "x", "state": "queued"}', (4000, "malformed acknowledgement")),
        ("x" * 2000, (4013, "acknowledgement too large")),
    ],
)
async def test_a_bad_acknowledgement_gets_a_fixed_message(
    sfu: Sfu, payload: str, refusal: tuple[int, str]
) -> None:
    async with delivering(sfu), joined(sfu, "ann") as ann:
        await eventually(lambda: "agent" in ann.remote_participants, _SOON_S, "the agent came")
        assert await _refusal(ann, payload) == refusal


async def test_an_envelope_from_one_who_is_no_agent_is_not_taken(sfu: Sfu) -> None:
    """Not under its own name, and not under the agent's."""
    got: list[SecretReceived] = []
    senders: list[str] = []
    async with (
        joined(sfu, "agent", kind="agent") as agent,
        joined(sfu, "mallory") as mallory,
        joined(sfu, "ann") as room,
    ):
        receiver = Receiver(room, got.append)
        await receiver.start()
        take = receiver._on_stream  # noqa: SLF001 - to see what comes, taken or not

        def watch(reader: rtc.TextStreamReader, identity: str) -> None:
            senders.append(identity)
            take(reader, identity)

        room.unregister_text_stream_handler(TOPIC_SECRET)
        room.register_text_stream_handler(TOPIC_SECRET, watch)
        key = await eventually(
            lambda: announced(mallory, "ann"),
            _SOON_S,
            "mallory saw ann's key",
        )
        for sender in ("mallory", "agent"):
            writer = await mallory.local_participant.stream_text(
                topic=TOPIC_SECRET, destination_identities=["ann"], sender_identity=sender
            )
            await writer.write(_forged(key, "A" * 22))
            await writer.aclose()
        await agent.local_participant.send_text(
            _forged(key, "B" * 21 + "A"), topic=TOPIC_SECRET, destination_identities=["ann"]
        )
        await eventually(lambda: len(senders) == 3 and got, _SOON_S, "all three came")
        assert sorted(senders) == ["agent", "mallory", "mallory"]
        assert [s.id for s in got] == ["B" * 21 + "A"]
        await receiver.aclose()


def _forged(key: str, name: str) -> str:
    head = Head(name, ROOM, "ann", key, "Wi-Fi password", "password", 60_000, once=False)
    return seal(VALUE, head)


async def test_a_receiver_keeps_working_when_its_client_reconnects(sfu: Sfu) -> None:
    got: list[SecretReceived] = []
    async with delivering(sfu) as channel, joined(sfu, "ann") as room:
        receiver = Receiver(room, got.append)
        await receiver.start()
        await channel.deliver(a_secret()).settled(_SOON_S)
        back = asyncio.Event()
        room.on("reconnected", back.set)
        await room.simulate_scenario(rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT)
        async with asyncio.timeout(2 * _SOON_S):
            await back.wait()
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(2 * _SOON_S) is DeliveryState.SHOWN
        assert delivery.id in [s.id for s in got]
        await receiver.aclose()


@pytest.mark.parametrize("plain", ["refuse", "chat"])
async def test_who_may_not_have_it_gets_nothing(sfu: Sfu, plain: Literal["refuse", "chat"]) -> None:
    asked: list[tuple[str, str]] = []

    async def never(participant: rtc.RemoteParticipant, secret: Secret) -> bool:
        asked.append((participant.identity, secret.label))
        return False

    async with delivering(sfu, plain=plain, may_receive=never) as channel, receiving(sfu) as got:
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(_SOON_S) is DeliveryState.FAILED
        assert delivery.reason == "not_allowed"
        assert asked == [("ann", "Wi-Fi password")]
        assert got == []


async def test_a_rule_that_fails_allows_nothing_and_quotes_nothing(
    sfu: Sfu, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: rtc.RemoteParticipant, secret: Secret) -> bool:
        raise ValueError(secret.reveal())

    async with delivering(sfu, may_receive=broken) as channel, receiving(sfu) as got:
        delivery = channel.deliver(a_secret())
        assert await delivery.settled(_SOON_S) is DeliveryState.FAILED
        assert got == []
        assert VALUE not in caplog.text
