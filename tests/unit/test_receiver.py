"""The rules of a receiver, and the words of acknowledgements."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from livekit import rtc

from offmic.delivery.acks import read_ack, read_answer
from offmic.delivery.envelope import Head, encode_key, seal
from offmic.delivery.outbox import AckAnswer, AckState
from offmic.receiver import Inbox, Receiver, SecretReceived
from tests.fakes.waiting import eventually

_ID = "AAAAAAAAAAAAAAAAAAAAAA"


class _Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def _envelope(inbox: Inbox, value: str = "hunter2!", **changes: Any) -> str:
    fields: dict[str, Any] = {
        "id": _ID,
        "room": "lobby",
        "to": "ann",
        "key": inbox.key,
        "label": "Wi-Fi password",
        "kind": "password",
        "ttl_ms": 120_000,
        "once": False,
    }
    return seal(value, Head(**(fields | changes)))


def _take(inbox: Inbox, body: str) -> tuple[str, AckState, SecretReceived | None] | None:
    return inbox.take(body, "lobby", "ann")


def test_an_envelope_for_this_receiver_is_shown() -> None:
    inbox = Inbox()
    taken = _take(inbox, _envelope(inbox))
    secret = SecretReceived(_ID, "Wi-Fi password", "password", 120.0, once=False, value="hunter2!")
    assert taken == (_ID, AckState.SHOWN, secret)
    assert "hunter2" not in repr(taken)


class _Room(rtc.EventEmitter[str]):
    """A room whose server has forgotten what a participant announced."""

    def __init__(self) -> None:
        super().__init__()
        self.announced: list[str] = []
        self.attributes: dict[str, str] = {}
        self.local_participant = self

    def register_text_stream_handler(self, topic: str, handler: Any) -> None: ...

    async def set_attributes(self, attributes: dict[str, str]) -> None:
        self.announced.append(attributes["offmic.key"])


async def test_the_key_is_announced_again_when_the_client_is_back() -> None:
    room = _Room()
    receiver = Receiver(cast("rtc.Room", room))
    await receiver.start()
    room.emit("reconnected")
    await eventually(lambda: len(room.announced) == 2, 30.0, "it was announced again")
    assert room.announced == [receiver.key, receiver.key]
    room.attributes = {"offmic.key": receiver.key}
    room.emit("reconnected")
    await asyncio.sleep(0)
    assert len(room.announced) == 2


def test_a_foreign_key_is_dropped_without_an_answer() -> None:
    inbox = Inbox()
    foreign = encode_key(X25519PrivateKey.generate().public_key())
    assert _take(inbox, _envelope(inbox, key=foreign)) is None


def test_a_malformed_one_is_dropped_without_an_answer() -> None:
    assert _take(Inbox(), "{") is None


@pytest.mark.parametrize("changes", [{"room": "other"}, {"to": "bob"}])
def test_another_room_or_recipient_is_rejected(changes: dict[str, str]) -> None:
    inbox = Inbox()
    assert _take(inbox, _envelope(inbox, **changes)) == (_ID, AckState.REJECTED, None)


def test_one_that_does_not_open_is_rejected() -> None:
    inbox = Inbox()
    changed = _envelope(inbox).replace("Wi-Fi", "Wi-FI")
    assert _take(inbox, changed) == (_ID, AckState.REJECTED, None)


def test_an_id_is_shown_once_and_each_repeat_gets_the_same_acknowledgement() -> None:
    inbox = Inbox()
    body = _envelope(inbox)
    _take(inbox, body)
    assert _take(inbox, body) == (_ID, AckState.SHOWN, None)
    assert _take(inbox, _envelope(inbox, room="other")) == (_ID, AckState.SHOWN, None)


def test_a_repeat_after_a_rejection_is_rejected_and_not_shown() -> None:
    inbox = Inbox()
    _take(inbox, _envelope(inbox, room="other"))
    assert _take(inbox, _envelope(inbox)) == (_ID, AckState.REJECTED, None)


@pytest.mark.parametrize("ttl_ms", [0, -1])
def test_one_whose_time_is_over_is_not_shown(ttl_ms: int) -> None:
    inbox = Inbox()
    assert _take(inbox, _envelope(inbox, ttl_ms=ttl_ms)) == (_ID, AckState.EXPIRED, None)


def _answer(**changes: Any) -> str:
    return json.dumps({"id": _ID, "state": "shown", "first": True} | changes)


def test_a_once_value_is_revealed_after_first_and_only_one_time() -> None:
    inbox = Inbox()
    assert _take(inbox, _envelope(inbox, once=True)) == (_ID, AckState.SHOWN, None)
    revealed = inbox.take_answer(_answer())
    assert revealed is not None
    assert revealed.value == "hunter2!"
    assert inbox.take_answer(_answer()) is None


@pytest.mark.parametrize(
    "answer",
    [
        _answer(first=False),
        _answer(state="expired"),
        _answer(id="BBBBBBBBBBBBBBBBBBBBBA"),
        _answer(first="true"),
        "{}",
        "[",
    ],
)
def test_a_once_value_stays_hidden_without_the_agents_word(answer: str) -> None:
    inbox = Inbox()
    _take(inbox, _envelope(inbox, once=True))
    assert inbox.take_answer(answer) is None


def test_a_once_value_stays_hidden_when_the_word_comes_after_its_time() -> None:
    clock = _Clock()
    inbox = Inbox(clock)
    _take(inbox, _envelope(inbox, once=True, ttl_ms=5000))
    clock.now_s += 5.0
    assert inbox.take_answer(_answer()) is None


def test_the_answer_to_an_ordinary_secret_shows_nothing_more() -> None:
    inbox = Inbox()
    _take(inbox, _envelope(inbox))
    assert inbox.take_answer(_answer()) is None


def test_an_acknowledgement_is_read() -> None:
    assert read_ack('{"id": "x", "state": "rejected"}') == ("x", AckState.REJECTED)


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "null",
        "[]",
        '"shown"',
        "{}",
        '{"id": "x"}',
        '{"id": 1, "state": "shown"}',
        '{"id": "x", "state": "queued"}',
        '{"id": "x", "state": ["shown"]}',
        '{"id": "x", "state": "shown", "value": "hunter2!"}',
        "[" * 1024,
    ],
)
def test_a_malformed_acknowledgement_is_4000_and_not_repeated(payload: str) -> None:
    with pytest.raises(rtc.RpcError) as refused:
        read_ack(payload)
    assert refused.value.code == 4000
    assert refused.value.message == "malformed acknowledgement"
    assert not refused.value.data


@pytest.mark.parametrize("payload", ["x" * 1025, "é" * 513])
def test_a_large_acknowledgement_is_4013(payload: str) -> None:
    with pytest.raises(rtc.RpcError) as refused:
        read_ack(payload)
    assert refused.value.code == 4013


def test_an_answer_is_read() -> None:
    assert read_answer(_answer()) == AckAnswer(_ID, "shown", first=True)
