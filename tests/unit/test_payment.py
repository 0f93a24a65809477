"""A card is taken without a model: typed, in pieces, pressed, corrected; digits go nowhere."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from offmic import payment
from offmic.assistant import FrontDesk
from offmic.audit.renderings import leaks
from offmic.cards import Fit, fit_code, fit_expiry, fit_number, read_expiry
from offmic.delivery import DeliveryState
from tests.fakes.recording_channel import RecordingChannel
from tests.fakes.scripted_model import tool_call
from tests.fakes.talk import Talk
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from offmic.payment import Card

NUMBER = "4539148803436467"
THANKS = "Thank you, the payment went through."


class Till:
    """A talk in which the caller has just asked to pay by card."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.charged: list[tuple[str, str, str]] = []

    async def charge(self, card: Card) -> str:
        self.charged.append((card.number.reveal(), card.expiry.reveal(), card.code.reveal()))
        return THANKS

    def press(self, keys: str) -> None:
        for key in keys:
            self.talk.call.hearing.press(key)


@pytest.fixture
async def till(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Till]:
    channel = RecordingChannel(DeliveryState.SHOWN, "")
    talk = Talk([[tool_call("take_payment_card", "{}")], [THANKS]], channel, tmp_path / "s.toml")
    one = Till(talk)
    monkeypatch.setattr("offmic.assistant.charge", one.charge)
    await talk.start(FrontDesk(talk.call))
    await talk.type_until("I would like to pay by card", "card number")
    yield one
    await talk.session.aclose()


async def test_a_card_is_typed_and_the_model_sees_no_digit(till: Till) -> None:
    talk = till.talk
    await talk.type_until("it is 4539 1488 0343 6467", "When does the card expire?")
    await talk.type_until("04/29", "security code?")
    await talk.type_until("737", THANKS)
    assert till.charged == [(NUMBER, "0429", "737")]
    assert not leaks(NUMBER, talk.everything())
    assert "737" not in talk.model.requested()
    assert "04/29" not in talk.everything()
    # Three digits are a part of too many other numbers for the guard to look for.
    assert not {"737", "0429"} & {entry.value for entry in talk.vault.entries()}
    talk.model.assert_done()


async def test_a_number_in_pieces_with_corrections_is_put_together(till: Till) -> None:
    talk = till.talk
    await talk.type_until("four five three nine", "Go on")
    await talk.type_until("one four, um, double eight", "Go on")
    await talk.type_until("oh three four five, sorry, four three. and then", "Go on")
    await talk.type_until("six four six eight", "does not check out")
    await talk.type_until("no, it ends in seven", "When does the card expire?")
    await talk.type_until("April twenty twenty-nine", "security code?")
    await talk.type_until("seven three", "Go on")
    await talk.type_until("seven", THANKS)
    assert till.charged == [(NUMBER, "042029", "737")]
    assert not leaks(NUMBER, talk.everything())


async def test_a_card_is_pressed_on_a_phone(till: Till) -> None:
    till.press("12*" + NUMBER)
    await till.talk.wrote("When does the card expire?")
    till.press("0429")
    await till.talk.wrote("security code?")
    till.press("73#")
    await till.talk.wrote("not as long")
    till.press("737#")
    await eventually(lambda: bool(till.charged), 30.0, "a payment")
    assert till.charged == [(NUMBER, "0429", "737")]


async def test_who_will_not_pay_is_let_go(till: Till) -> None:
    till.talk.model.steps[0] = ["All right."]
    await till.talk.type_until("never mind", "All right.")
    assert till.charged == []
    assert till.talk.session.current_agent is not None
    assert isinstance(till.talk.session.current_agent, FrontDesk)


async def test_a_wrong_number_can_be_said_anew_or_gone_back_to(till: Till) -> None:
    talk = till.talk
    await talk.type_until("4539 1488 0343 6468", "does not check out")
    await talk.type_until("5500 0055 5555 5559", "When does the card expire?")
    await talk.type_until("oh, that number was wrong", "card number")
    await talk.type_until(NUMBER, "When does the card expire?")
    await talk.type_until("12 30", "security code?")
    await talk.type_until("1 2 3", THANKS)
    assert till.charged == [(NUMBER, "1230", "123")]


async def test_after_many_tries_the_caller_is_sent_elsewhere(till: Till) -> None:
    talk = till.talk
    talk.model.steps[0] = ["Please pay at the desk."]
    for _ in range(payment.MOST_TRIES - 1):
        await talk.type_until("4539 1488 0343 6468", "does not check out")
    await talk.type_until("4539 1488 0343 6468", "pay at the desk")
    assert "could not take down the card" in talk.model.requested()


async def test_a_number_that_was_given_before_comes_by_its_handle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = RecordingChannel(DeliveryState.SHOWN, "")
    talk = Talk([["Do you want to pay?"], []], channel, tmp_path / "s.toml")
    one = Till(talk)
    monkeypatch.setattr("offmic.assistant.charge", one.charge)
    await talk.start(FrontDesk(talk.call))
    await talk.type(f"my card number is {NUMBER}")
    assert "my card number is {{secret:" in talk.model.requested()
    # A model may take the label of the history for the handle.
    talk.model.steps[:] = [
        [tool_call("take_payment_card", '{"card_number": "[card]"}')],
        [THANKS],
    ]
    await talk.type_until("yes", "When does the card expire?")
    await talk.type_until("04 29", "security code?")
    await talk.type_until("737", THANKS)
    assert one.charged == [(NUMBER, "0429", "737")]
    assert not leaks(NUMBER, talk.everything())
    await talk.session.aclose()


@pytest.mark.parametrize(
    ("digits", "fit"),
    [
        ("", Fit.MORE),
        ("453914880343646", Fit.MORE),
        (NUMBER, Fit.GOOD),
        ("4539148803436468", Fit.WRONG),
        ("378282246310005", Fit.GOOD),
        ("37828224631000", Fit.MORE),
        ("30569309025904", Fit.GOOD),
        ("6" * 20, Fit.WRONG),
    ],
)
def test_a_card_number_is_judged_by_length_and_check_digit(digits: str, fit: Fit) -> None:
    assert fit_number(digits) is fit


@pytest.mark.parametrize(
    ("digits", "fit"),
    [
        ("04", Fit.MORE),
        ("042", Fit.MORE),
        ("123", Fit.MORE),
        ("0429", Fit.GOOD),
        ("429", Fit.GOOD),
        ("042029", Fit.GOOD),
        ("42029", Fit.GOOD),
        ("0420", Fit.MORE),
        ("1329", Fit.WRONG),
        ("0421", Fit.WRONG),
        ("0426", Fit.GOOD),
        ("0326", Fit.WRONG),
        ("0470", Fit.WRONG),
        ("1234567", Fit.WRONG),
    ],
)
def test_an_expiry_is_judged_as_of_today(digits: str, fit: Fit) -> None:
    assert fit_expiry(digits, date(2026, 4, 30)) is fit


def test_an_expiry_is_the_last_day_of_its_month() -> None:
    assert read_expiry("228") == date(2028, 2, 29)
    assert read_expiry("0028") is None


def test_the_security_code_of_some_cards_has_four_digits() -> None:
    assert fit_code("378282246310005")("123") is Fit.MORE
    assert fit_code(NUMBER)("123") is Fit.GOOD
    assert fit_code(NUMBER)("1234") is Fit.WRONG
