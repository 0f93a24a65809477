from __future__ import annotations

import logging

import pytest
from livekit.agents import APIConnectionError, APIStatusError

from offmic.fallback import Row
from offmic.metrics import Provider
from tests.fakes.figures import failures, recoveries

_GONE = APIConnectionError("a provider's own words")


class _Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def _row() -> tuple[Row[str], _Clock]:
    clock = _Clock()
    return Row(["first", "second", "third"], Provider.TTS, clock), clock


def test_one_that_failed_comes_after_the_others_until_it_has_rested() -> None:
    row, clock = _row()
    before = failures(Provider.TTS)
    row.failed("first", _GONE)
    assert row.order() == ["second", "third", "first"]
    assert failures(Provider.TTS) == before + 1
    clock.now_s += 5.0
    assert row.order() == ["first", "second", "third"]


def test_it_rests_longer_each_time_it_fails_again_but_not_for_ever() -> None:
    row, clock = _row()
    rests = []
    for _ in range(6):
        row.failed("first", _GONE)
        start_s = clock.now_s
        while row.first() != "first":
            clock.now_s += 1.0
        rests.append(clock.now_s - start_s)
    assert rests == [5, 10, 20, 40, 60, 60]
    before = recoveries(Provider.TTS)
    for _ in range(2):
        row.worked("first")
    assert recoveries(Provider.TTS) == before + 1
    row.failed("first", _GONE)
    clock.now_s += 5.0
    assert row.first() == "first"


@pytest.mark.parametrize(("status", "rest_s"), [(401, 60), (429, 15), (500, 5)])
def test_a_status_tells_how_long_to_leave_it_alone(status: int, rest_s: float) -> None:
    row, clock = _row()
    row.failed("first", APIStatusError("no", status_code=status))
    clock.now_s += rest_s - 1
    assert row.first() == "second"
    clock.now_s += 1
    assert row.first() == "first"


def test_one_is_alone_while_the_others_rest() -> None:
    row, clock = _row()
    row.failed("first", _GONE)
    assert not row.is_alone("second")
    row.failed("third", _GONE)
    assert row.is_alone("second")
    assert not row.is_alone("first")
    clock.now_s += 5.0
    assert not row.is_alone("second")


def test_when_all_rest_the_one_that_rests_least_is_asked() -> None:
    row, clock = _row()
    for part in ("second", "first", "third"):
        row.failed(part, _GONE)
        clock.now_s += 1.0
    assert row.order() == ["second", "first", "third"]


def test_what_a_provider_says_of_its_failure_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    _row()[0].failed("first", _GONE)
    assert caplog.records
    assert all("own words" not in str(vars(record)) for record in caplog.records)
