"""The life of a delivery: every change there is, the times, and who may acknowledge."""

from __future__ import annotations

from typing import Any, Final

import pytest

from offmic.delivery.outbox import (
    REASONS,
    TRANSITIONS,
    AckAnswer,
    AckState,
    CallEnded,
    DeliveryState,
    EnvelopeSent,
    Event,
    ExpiredAcknowledged,
    Finish,
    KeyNotBound,
    NobodyListened,
    NoReceiverFound,
    NotAllowed,
    NotYoursError,
    Parcel,
    PlainSent,
    Recipient,
    RejectedAcknowledged,
    SealRefused,
    SendPlain,
    SendSealed,
    ShownAcknowledged,
    TimeOver,
    TooMany,
    Wait,
)

Q, S, OK, EXP, BAD, UNC = DeliveryState
_EVENTS: Final[list[Event]] = [
    EnvelopeSent("k", 0.0),
    PlainSent(),
    ShownAcknowledged("k"),
    ExpiredAcknowledged("k"),
    RejectedAcknowledged("k"),
    TimeOver(),
    NoReceiverFound(),
    KeyNotBound(),
    NobodyListened(),
    SealRefused(),
    NotAllowed(),
    TooMany(),
    CallEnded(),
]
# One row a state, one column an event; None changes nothing.
_TABLE: Final[dict[DeliveryState, list[DeliveryState | None]]] = {
    Q: [S, UNC, None, None, None, EXP, BAD, BAD, BAD, BAD, BAD, BAD, BAD],
    S: [S, None, OK, EXP, BAD, EXP, None, None, None, None, BAD, None, BAD],
    OK: [OK, *[None] * 12],
    EXP: [None] * 13,
    BAD: [None] * 13,
    UNC: [None] * 13,
}
_A: Final = Recipient("key-a")
_B: Final = Recipient("key-b")
_NO_KEY: Final = Recipient(None)


def _parcel(**changes: Any) -> Parcel:
    fields: dict[str, Any] = {"once": False, "now_s": 100.0, "ttl_s": 60.0, "plain_allowed": False}
    return Parcel("ann", **(fields | changes))


def _sent(parcel: Parcel, key: str = "key-a", at_s: float = 100.0) -> Parcel:
    parcel.apply(EnvelopeSent(key, at_s))
    return parcel


@pytest.mark.parametrize("state", list(DeliveryState))
@pytest.mark.parametrize("event", _EVENTS, ids=lambda event: type(event).__name__)
def test_each_event_leads_where_the_table_says(state: DeliveryState, event: Event) -> None:
    parcel = _parcel(state=state)
    target = _TABLE[state][_EVENTS.index(event)]
    assert parcel.apply(event) is (target is not None)
    assert parcel.state is (target or state)
    failed = target is BAD
    assert parcel.reason == (REASONS[type(event)] if failed else "")


def test_no_event_is_left_out_of_the_table_above() -> None:
    known = {event for row in TRANSITIONS.values() for event in row}
    assert known == {type(event) for event in _EVENTS}


def test_it_is_sent_at_once_and_again_after_two_seconds_then_every_four() -> None:
    parcel = _parcel()
    sent_at = []
    now_s = 100.0
    while now_s < 115.0:
        match parcel.step(now_s, _A):
            case SendSealed(key=key):
                parcel.apply(EnvelopeSent(key, now_s))
                sent_at.append(now_s - 100.0)
            case Wait(until_s=until_s):
                now_s = until_s
            case other:
                pytest.fail(f"unexpected {other}")
    assert sent_at == [0.0, 2.0, 6.0, 10.0, 14.0]


def test_the_time_in_the_envelope_is_what_remains() -> None:
    assert _parcel().step(107.5, _A) == SendSealed("key-a", 52_500)


def test_it_expires_when_nobody_acknowledged_in_time() -> None:
    parcel = _sent(_parcel())
    assert parcel.step(160.0, _A) == Finish()
    assert parcel.state is EXP


def test_it_waits_for_an_identity_that_is_not_there_and_expires_with_its_time() -> None:
    parcel = _parcel()
    assert parcel.step(110.0, None) == Wait(160.0)
    assert parcel.step(160.0, None) == Finish()
    assert parcel.state is EXP


def test_three_seconds_pass_before_anyone_has_no_receiver() -> None:
    parcel = _parcel()
    assert parcel.step(100.0, _NO_KEY) == Wait(103.0)
    assert parcel.step(102.9, _NO_KEY) == Wait(103.0)
    assert parcel.step(103.0, _NO_KEY) == Finish()
    assert (parcel.state, parcel.reason) == (BAD, "no_receiver")


@pytest.mark.parametrize("plain_allowed", [False, True])
def test_one_whose_key_is_not_bound_gets_nothing_not_even_unsealed(*, plain_allowed: bool) -> None:
    parcel = _parcel(plain_allowed=plain_allowed)
    unbound = Recipient(None, bound=False)
    assert parcel.step(100.0, unbound) == Wait(103.0)
    assert parcel.step(103.0, unbound) == Finish()
    assert (parcel.state, parcel.reason) == (BAD, "not_bound")


def test_a_key_that_comes_late_is_in_time() -> None:
    parcel = _parcel()
    parcel.step(100.0, _NO_KEY)
    assert isinstance(parcel.step(102.9, _A), SendSealed)


def test_the_three_seconds_start_anew_when_the_identity_comes_back() -> None:
    parcel = _parcel()
    parcel.step(100.0, _NO_KEY)
    parcel.step(101.0, None)
    assert parcel.step(110.0, _NO_KEY) == Wait(113.0)


def test_a_plain_client_gets_it_unsealed_only_where_that_is_allowed() -> None:
    parcel = _parcel(plain_allowed=True)
    parcel.step(100.0, _NO_KEY)
    assert parcel.step(103.0, _NO_KEY) == SendPlain()
    parcel.apply(PlainSent())
    assert parcel.state is UNC
    assert parcel.step(104.0, _NO_KEY) == Finish()


def test_what_was_sealed_once_is_never_sent_unsealed() -> None:
    parcel = _sent(_parcel(plain_allowed=True))
    for now_s in (101.0, 104.0, 110.0):
        assert parcel.step(now_s, _NO_KEY) == Wait(160.0)


def test_a_new_key_of_the_same_identity_gets_it_at_once() -> None:
    parcel = _sent(_parcel())
    assert parcel.step(100.5, _B) == SendSealed("key-b", 59_500)


def test_an_acknowledged_one_is_not_sent_again_to_the_same_key() -> None:
    parcel = _sent(_parcel())
    parcel.acknowledge("key-a", AckState.SHOWN, 101.0)
    assert parcel.step(150.0, _A) == Wait(160.0)
    assert parcel.step(160.0, _A) == Finish()
    assert parcel.state is OK


def test_a_shown_one_goes_to_a_new_key_too_and_its_outcome_stays() -> None:
    parcel = _sent(_parcel())
    parcel.acknowledge("key-a", AckState.SHOWN, 101.0)
    assert isinstance(parcel.step(102.0, _B), SendSealed)
    _sent(parcel, "key-b", 102.0)
    answer = parcel.acknowledge("key-b", AckState.REJECTED, 103.0)
    assert answer == AckAnswer(parcel.id, "shown", first=False)


def test_a_shown_one_goes_to_no_new_key_that_may_be_anothers() -> None:
    parcel = _sent(_parcel())
    parcel.displace()
    assert isinstance(parcel.step(100.5, _B), SendSealed)
    parcel.acknowledge("key-a", AckState.SHOWN, 101.0)
    assert isinstance(parcel.step(102.0, _B), SendSealed)
    parcel.displace()
    assert parcel.step(103.0, _B) == Wait(160.0)
    assert isinstance(parcel.step(104.0, Recipient("key-b", named=True)), SendSealed)


def test_a_once_secret_that_was_shown_is_never_sent_again() -> None:
    parcel = _sent(_parcel(once=True))
    parcel.acknowledge("key-a", AckState.SHOWN, 101.0)
    assert parcel.step(102.0, _B) == Finish()


@pytest.mark.parametrize(
    ("ack", "state", "reason"),
    [("shown", OK, ""), ("expired", EXP, ""), ("rejected", BAD, "rejected")],
)
def test_an_acknowledgement_is_final_and_repeats_get_the_first_answer(
    ack: str, state: DeliveryState, reason: str
) -> None:
    parcel = _sent(_parcel())
    first = parcel.acknowledge("key-a", AckState(ack), 101.0)
    assert first == AckAnswer(parcel.id, ack, first=True)
    assert (parcel.state, parcel.reason, parcel.final) == (state, reason, True)
    for other in AckState:
        assert parcel.acknowledge("key-a", other, 102.0) == first


def test_only_one_of_two_keys_is_the_first() -> None:
    parcel = _sent(_sent(_parcel(once=True)), "key-b", 101.0)
    assert parcel.acknowledge("key-b", AckState.SHOWN, 102.0).first
    assert not parcel.acknowledge("key-a", AckState.SHOWN, 102.0).first


def test_only_one_of_ten_keys_is_the_first() -> None:
    keys = [f"key-{number}" for number in range(10)]
    parcel = _parcel(once=True)
    for key in keys:
        _sent(parcel, key)
    answers = [parcel.acknowledge(key, AckState.SHOWN, 101.0) for key in reversed(keys)]
    assert [answer.first for answer in answers] == [True, *[False] * 9]
    assert {answer.state for answer in answers} == {"shown"}


@pytest.mark.parametrize("key", ["key-b", None])
def test_a_key_it_was_not_sealed_for_cannot_acknowledge(key: str | None) -> None:
    parcel = _sent(_parcel())
    with pytest.raises(NotYoursError):
        parcel.acknowledge(key, AckState.SHOWN, 101.0)
    assert parcel.state is S


def test_an_acknowledgement_after_its_time_is_too_late_and_nobodys() -> None:
    parcel = _sent(_parcel(once=True))
    answer = parcel.acknowledge("key-a", AckState.SHOWN, 160.0)
    assert answer == AckAnswer(parcel.id, "expired", first=False)


def test_an_id_has_128_random_bits() -> None:
    ids = {_parcel().id for _ in range(100)}
    assert len(ids) == 100
    assert {len(name) for name in ids} == {22}
