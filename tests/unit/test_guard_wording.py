"""Secrets are found in a conversation's wordings, and ordinary numbers in the same ones pass."""

from __future__ import annotations

import pytest

from offmic.guard import Direction, Guard
from offmic.secrets import Kind
from tests.fakes.guarding import hear, say, vault_of

FOUND = [
    # what leads up to a code where no noun names it
    ("Punch in 4821 and push.", "4821", Kind.OTP),
    ("Enter nine eight three one at the keypad.", "9831", Kind.OTP),
    ("The side gate opens with 48 21.", "4821", Kind.CODE),
    ("You can turn off the alarm with 7 7 3 1.", "7731", Kind.CODE),
    ("Use 482195 to verify your number.", "482195", Kind.OTP),
    ("Confirm with 482195.", "482195", Kind.OTP),
    ("That's 4821 for the door code.", "4821", Kind.CODE),
    # across the end of a sentence
    ("Here comes your code. 736 493.", "736493", Kind.OTP),
    ("The PIN? Sure, it's 4821.", "4821", Kind.CODE),
    # with words between, and said as a quantity
    ("The code is four eight, um, two one.", "4821", Kind.OTP),
    ("The gate code is four thousand eight hundred and twelve.", "4812", Kind.CODE),
    ("The combination is 12-34-56.", "123456", Kind.CODE),
    ("The CVV is 123.", "123", Kind.CODE),
    ("The code comes up as 48213.", "48213", Kind.OTP),
    ("Your recovery code is DUJO-UZC0-46EC.", "DUJO-UZC0-46EC", Kind.OTP),
    # passwords: what came before, what comes behind, how they are written
    ("I've reset your password to River928.", "River928", Kind.PASSWORD),
    ("The password has been changed to orbit-tulip-558.", "orbit-tulip-558", Kind.PASSWORD),
    ("The password, as I said, is sunflower.", "sunflower", Kind.PASSWORD),
    ("The password is all lowercase, sunflower.", "sunflower", Kind.PASSWORD),
    ("The passcode we texted you is 4821.", "4821", Kind.CODE),
    ("Log in with Lantern251.", "Lantern251", Kind.PASSWORD),
    ("User mara, pass comet559.", "comet559", Kind.PASSWORD),
    ("TigerLily is your password.", "TigerLily", Kind.PASSWORD),
    ('"Harbor8520" is your password.', "Harbor8520", Kind.PASSWORD),
    ("The password is secret123.", "secret123", Kind.PASSWORD),
    ("Server=host;Password=myPassword;Database=shop", "myPassword", Kind.PASSWORD),
    ("Пароль: 1752", "1752", Kind.PASSWORD),
    # numbers of other countries, by name or by check digits
    ("Your BSN comes up as 111222333.", "111222333", Kind.GOV_ID),
    ("Your CPF is 390.533.447-05.", "39053344705", Kind.GOV_ID),
    ("It says 390.533.447-05 here.", "39053344705", Kind.GOV_ID),
    ("Your NIE is x-ray two four eight two three zero zero whiskey.", "x2482300w", Kind.GOV_ID),
    ("Your identity card number is 360426199101010071.", "360426199101010071", Kind.GOV_ID),
    ("Your unique taxpayer reference is 1955839661.", "1955839661", Kind.GOV_ID),
    ("The sort code is 12-34-56.", "123456", Kind.ACCOUNT),
    # keys from their first letter on
    ("It says sgp_210f1131b08e93adcfc3f05faa2d768f there.",
     "sgp_210f1131b08e93adcfc3f05faa2d768f", Kind.API_KEY),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "kind"), FOUND)
def test_a_secret_is_found(text: str, value: str, kind: Kind) -> None:
    heard = say(text)
    assert [(d.value, d.kind) for d in heard.diverted] == [(value, kind)]
    assert value not in heard.spoken


@pytest.mark.parametrize(
    "text",
    [
        "The balance of your checking account is $5,670.53.",
        "The balance on account is 1,204.55.",
        "The account ends in 4417.",
        "Your account was opened on March 3, 2019.",
        "The gate opens at 6 and closes at 22:15.",
        "The garage comes with 2000 square feet of storage.",
        "Enter the amount, for example 2500 dollars.",
        "We reset your password to keep you safe.",
        "Your password was updated yesterday at 10.",
        "Change your password to something stronger.",
        "Your password, which you set in May, is weak.",
        "iCloud is your password manager.",
        "YouTube is your source for the tutorials.",
        "Sign in with your work email at portal.example.com.",
        "There are one hundred twenty-three steps.",
        "The code comes as a text message.",
        "ph 702 405 8080",
        "My number is 415 555 0132.",
        "The German shop's phone number is 030 901820.",
        "Use coupon SAVE20 for 20 percent off.",
    ],
)
def test_what_is_no_secret_passes(text: str) -> None:
    assert say(text).spoken == text


def test_several_codes_are_told_apart() -> None:
    heard = say("The codes are 482 195, 112 233 and 998877.")
    assert heard.values == ["482195", "112233", "998877"]


def test_a_word_that_becomes_a_password_was_not_begun() -> None:
    heard = hear(Guard(vault_of()), ["Velvet", "Walnut", "69 is ", "your password."])
    assert heard.emitted == ["", "", "", "on your screen is your password.", ""]


def test_everyday_words_go_on_at_once() -> None:
    heard = hear(Guard(vault_of()), ["Any", "thing else ", "for your roo", "m?"])
    assert heard.emitted == ["Any", "thing else ", "for your roo", "m?", ""]


def test_half_of_a_value_counts_where_pieces_are_told() -> None:
    heard = say("It begins with Y$Iy and ends with nG2b.", it="Y$IynG2b")
    assert "Y$Iy" not in heard.spoken
    assert "nG2b" not in heard.spoken


def test_a_number_with_fillers_is_one_over_finals() -> None:
    guard = Guard(vault_of(), Direction.IN)
    first = hear(guard, ["my account number is two three four five,"])
    second = hear(guard, ["um, six seven eight nine"])
    assert "five" not in first.spoken
    assert "nine" not in second.spoken


@pytest.mark.parametrize(
    "text",
    [
        "AnchorPickle27 is the password for the router.",
        "It says sk_1234567890abcdef1234567890abcdef here.",
        "orbit-tulip-558 is your password.",
        "Use the code on WeChat to log in.",
    ],
)
def test_what_an_everyday_word_begins_with_goes_on_however_it_is_cut(text: str) -> None:
    whole = hear(Guard(vault_of()), [text])
    streamed = hear(Guard(vault_of()), list(text))
    assert (streamed.spoken, streamed.diverted) == (whole.spoken, whole.diverted)
