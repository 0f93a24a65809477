"""So many secrets a minute, whoever says them; and a trail that holds no value."""

from __future__ import annotations

import logging
import time

import pytest

from offmic.delivery import refuse
from offmic.delivery.model import Delivery
from offmic.delivery.outbox import AckState, EnvelopeSent, NobodyListened, Parcel, TooMany
from offmic.limit import DiversionLimit
from offmic.secrets import Kind, Secret

SECRET = Secret("tulip-Harbour-42", "Wi-Fi password", Kind.PASSWORD)


def test_the_limit_holds_for_a_minute_and_no_longer() -> None:
    now = 0.0
    limit = DiversionLimit(per_minute=2, clock=lambda: now)
    seen = [limit.note(2), limit.reached, limit.note()]
    now = 59.9
    seen.append(limit.reached)
    now = 60.0
    seen.append(limit.reached)
    assert seen == [True, False, False, True, False]


def test_many_at_once_count_as_many() -> None:
    assert not DiversionLimit(per_minute=2, clock=lambda: 0.0).note(3)


@pytest.mark.parametrize(("why", "reason"), [(TooMany(), "too_many"), (NobodyListened(), "nobody")])
def test_what_is_refused_has_failed_for_a_reason(
    why: TooMany | NobodyListened, reason: str
) -> None:
    delivery = refuse(SECRET, why)
    assert delivery.final
    assert delivery.reason == reason


def test_the_trail_says_who_received_what_and_no_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    parcel = Parcel("ann", once=False, now_s=time.monotonic(), ttl_s=60, plain_allowed=False)
    delivery = Delivery(SECRET, parcel)
    assert caplog.records == []
    parcel.apply(EnvelopeSent("key", time.monotonic()))
    parcel.acknowledge("key", AckState.SHOWN, time.monotonic())
    delivery.refresh()
    delivery.refresh()
    (record,) = caplog.records
    assert record.name == "offmic.trail"
    told = {k: record.__dict__[k] for k in ("label", "kind", "participant", "outcome", "reason")}
    assert told == {
        "label": "Wi-Fi password",
        "kind": "password",
        "participant": "ann",
        "outcome": "shown",
        "reason": "",
    }
    assert SECRET.reveal() not in str(record.__dict__)
