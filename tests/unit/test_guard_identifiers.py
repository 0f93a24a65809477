"""Numbers with letters, passwords before their names, contacts by policy."""

from __future__ import annotations

import pytest

from offmic.guard import Guard, Policy
from tests.fakes.guarding import cut, hear, say, vault_of

SCREEN = "on your screen"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("I have your passport number on file as K20913754, is that right?", "K20913754"),
        ("Let me confirm the driving licence number, BAKER607191AB4CD, then.", "BAKER607191AB4CD"),
        ("The identity number we hold is Q R four zero two nine one T.", "QR40291T"),
        ("Your tax ID is 40817263549.", "40817263549"),
        ("Sure, the national identity number we have is 7731904826.", "7731904826"),
    ],
)
def test_numbers_of_persons_are_diverted_behind_their_names(text: str, value: str) -> None:
    heard = say(text)
    assert SCREEN in heard.spoken
    assert heard.values in ([value], [value.lower()])


@pytest.mark.parametrize(
    "text",
    [
        "Your account is ready, and gate B12 opens at 10am.",
        "The passport office in room 4B is on platform 2a.",
        "Use a 4mm screw for the 120mm board.",
        "Room B12345 is your room.",
        "iPhone15 is my favourite one.",
        "Please enter at gate 12b to get to the hall.",
        "Your company registration number is on the letter.",
    ],
)
def test_other_mixtures_of_letters_and_digits_are_said(text: str) -> None:
    assert say(text).spoken == text


@pytest.mark.parametrize(
    ("text", "value", "spoken"),
    [
        ("9Willow!Pond is your new password.", "9Willow!Pond",
         "on your screen is your new password."),
        ("You can use Willow9Pond to log in.", "Willow9Pond",
         "You can use on your screen to log in."),
        ("Just type qr7-Wz!4 as your password.", "qr7-Wz!4",
         "Just type on your screen as your password."),
    ],
)  # fmt: skip
def test_passwords_before_their_name_are_diverted(text: str, value: str, spoken: str) -> None:
    heard = say(text)
    assert heard.spoken == spoken
    assert heard.values == [value]


def test_a_password_before_its_name_is_captured_whole_where_its_first_letters_were_said() -> None:
    heard = say("Willow9Pond is your password.")
    assert heard.values == ["Willow9Pond"]
    assert "9Pond" not in heard.spoken


def test_a_code_before_its_name_is_diverted_though_its_name_begins_with_a_number() -> None:
    assert say("483902 is your one-time code.").values == ["483902"]


def test_a_key_is_not_prolonged_by_the_word_behind_it() -> None:
    heard = say("Use the API key b7740912fd25ac9e1d03 for that.")
    assert heard.spoken == "Use the API key on your screen for that."


CONTACTS = "Call +1 202 555 0143 or 202-555-0199, or write to ann.lee+desk@example.org. Thanks."


def test_phone_numbers_and_addresses_are_said_by_default() -> None:
    assert say(CONTACTS).spoken == CONTACTS


@pytest.mark.parametrize("size", [1, 4, 200])
def test_a_policy_diverts_phone_numbers_and_addresses(size: int) -> None:
    guard = Guard(vault_of(), policy=Policy(phones=True, emails=True))
    heard = hear(guard, cut(CONTACTS, [size]))
    assert heard.values == ["12025550143", "2025550199", "ann.lee+desk@example.org"]
    assert heard.transcript == (
        "Call +[phone number] or [phone number], or write to [e-mail address]. Thanks."
    )
