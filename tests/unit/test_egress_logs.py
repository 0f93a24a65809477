"""Log records lose every value on their way to a handler, whoever logs and whatever handles."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import pytest

from offmic.audit.renderings import leaks
from offmic.egress import logs
from offmic.egress.redactor import Redactor
from offmic.secrets import Vault
from tests.fakes.planted import PIN, REGISTERED, SPOKEN, UNREGISTERED, log_everything

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERYTHING = "%(name)s %(levelname)s %(message)s %(fields)s"


class Sink(logging.Handler):
    """Keeps all that a record holds."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n" + repr(record.__dict__) + "\n"


@pytest.fixture
def vault() -> Vault:
    one = Vault()
    one.hold(REGISTERED, "vault word", "password")
    one.hold(PIN, "pin", "code")
    return one


@pytest.fixture
def redactor(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Redactor:
    one = Redactor()
    one.watch(vault)
    monkeypatch.setattr(logging.Handler, "handle", logging.Handler.handle)
    logs.install(one)
    return one


@pytest.fixture
def sink(redactor: Redactor) -> Iterator[Sink]:
    root = logging.getLogger()
    one, level = Sink(), root.level
    root.addHandler(one)
    root.setLevel(1)
    yield one
    root.removeHandler(one)
    root.setLevel(level)


@pytest.mark.parametrize("value", [REGISTERED, PIN])
def test_no_part_of_a_record_holds_a_value(sink: Sink, value: str) -> None:
    log_everything(value)
    assert "it failed" in sink.text
    assert "CarelessError" in sink.text
    assert not leaks(value, sink.text)


def test_a_spoken_value_and_an_unregistered_key_are_taken_out(sink: Sink) -> None:
    log = logging.getLogger("provider")
    log.info("the model said: it is %s", SPOKEN)
    log.info("headers", extra={"auth": f"Bearer {UNREGISTERED}"})
    log.info("your new password is %s", "Tr0ub4dor&3")
    for value in (PIN, UNREGISTERED, "Tr0ub4dor&3"):
        assert not leaks(value, sink.text)


def test_loggers_that_do_not_propagate_and_handlers_added_later_are_covered(
    redactor: Redactor,
) -> None:
    log = logging.getLogger("apart.from.all")
    log.propagate = False
    log.setLevel(1)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    log.addHandler(handler)
    try:
        log_everything(REGISTERED, log)
    finally:
        log.removeHandler(handler)
        log.propagate = True
    assert "it failed" in stream.getvalue()
    assert not leaks(REGISTERED, stream.getvalue())


def test_what_a_handlers_own_filter_adds_is_taken_out(sink: Sink) -> None:
    def add(record: logging.LogRecord) -> bool:
        record.added = f"by a filter: {REGISTERED}"
        return True

    other = Sink()
    other.addFilter(add)
    logging.getLogger().addHandler(other)
    try:
        logging.getLogger("any").info("a record")
    finally:
        logging.getLogger().removeHandler(other)
    assert "by a filter" in other.text
    assert not leaks(REGISTERED, other.text)


def test_numbers_are_looked_at_too(sink: Sink) -> None:
    logging.getLogger("any").info("a number", extra={"code": int(PIN), "time": 1795557321.9})
    assert not leaks(PIN, sink.text)
    assert "1795557321.9" in sink.text


def test_a_value_that_one_place_logs_in_pieces_is_not_completed(sink: Sink) -> None:
    log = logging.getLogger("tokens")
    for start in range(0, len(REGISTERED), 2):
        log.debug("token %s", REGISTERED[start : start + 2])
    said = [line for line in sink.text.splitlines() if line.startswith("token ")]
    written = "".join(line.removeprefix("token ") for line in said)
    # The beginning was no part that tells it when it went out; a half never does.
    assert written == REGISTERED[: len(written)]
    assert 0 < len(written) <= len(REGISTERED) / 2


def test_a_value_that_comes_in_mid_call_is_kept_back_from_then_on(sink: Sink, vault: Vault) -> None:
    log = logging.getLogger("any")
    log.info("before it came")
    vault.hold("Plover-Granite-77", "late word", "password")
    log.info("it is %s", "Plover-Granite-77")
    assert "it is [late word]" in sink.text
    assert not leaks("Plover-Granite-77", sink.text)


def test_a_value_that_left_the_vault_is_still_kept_back(sink: Sink, vault: Vault) -> None:
    vault.clear()
    logging.getLogger("late").error("it was %s", REGISTERED)
    assert not leaks(REGISTERED, sink.text)


def test_a_record_that_cannot_be_looked_through_is_replaced(
    sink: Sink, redactor: Redactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError

    log = logging.getLogger("any")
    log.info("%d of them", REGISTERED)  # its arguments do not fit its text
    assert logs.REPLACED in sink.text
    monkeypatch.setattr(redactor, "_look", fail)
    log.info("the value is %s", REGISTERED)
    try:
        raise RuntimeError(REGISTERED)
    except RuntimeError:
        log.exception("again", extra={"more": REGISTERED})
    assert not leaks(REGISTERED, sink.text)


def test_ordinary_records_pass_as_they_are(sink: Sink) -> None:
    logging.getLogger("any").info(
        "received job request", extra={"job_id": "AJ_EUUDpDmb6hix", "room": "lobby", "pid": 23744}
    )
    assert "received job request" in sink.text
    for word in ("AJ_EUUDpDmb6hix", "lobby", "23744"):
        assert word in sink.text
