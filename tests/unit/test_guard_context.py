"""Secrets nobody registered are found by the words around them, and talk about secrets passes."""

from __future__ import annotations

import pytest

from offmic.guard import Via
from offmic.secrets import Kind
from tests.fakes.guarding import say

FOUND = [
    ("Your new password is Tiger-Lily-7.", "Tiger-Lily-7", Kind.PASSWORD),
    ("Your new password is correct horse battery staple.", "correct horse battery staple",
     Kind.PASSWORD),
    ("The Wi-Fi password is capital B, l, u, e, dash, eight eight.", "Blue-88", Kind.PASSWORD),
    ("The password's \"open sesame\".", "open sesame", Kind.PASSWORD),
    ("I have reset your password. It's now Tiger7Lily.", "Tiger7Lily", Kind.PASSWORD),
    ("password for the router: sunflower", "sunflower", Kind.PASSWORD),
    ("The magic word is xyzzy.", "xyzzy", Kind.PASSWORD),
    ("The code's four eight two one.", "4821", Kind.OTP),
    ("PIN: 4821", "4821", Kind.CODE),
    ("The gate code is 4 8 2 1.", "4821", Kind.CODE),
    ("512665 is your verification code.", "512665", Kind.OTP),
    ("Use 512665 as your login code.", "512665", Kind.OTP),
    ("Your confirmation code is A as in apple, 7, K as in king, 9.", "a7k9", Kind.OTP),
    ("My account number is double zero one two, three four five.", "0012345", Kind.ACCOUNT),
    ("My social security number is 219 09 9999.", "219099999", Kind.SSN),
    ("The passport number is X1234567.", "X1234567", Kind.GOV_ID),
    ("token: Zk4vQ9mT2xL8", "Zk4vQ9mT2xL8", Kind.API_KEY),
    ("The recovery phrase is legal winner thank year wave sausage.",
     "legal winner thank year wave sausage", Kind.PRIVATE_KEY),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "kind"), FOUND)
def test_a_secret_is_found_by_its_words(text: str, value: str, kind: Kind) -> None:
    heard = say(text)
    assert [(d.value, d.kind, d.via) for d in heard.diverted] == [(value, kind, Via.CONTEXT)]


@pytest.mark.parametrize(
    "text",
    [
        "Your password is required.",
        "Your password is case-sensitive.",
        "Your password must be at least twelve characters long.",
        "The password reset link is valid for 30 minutes.",
        "The code is on your screen.",
        "The code is case-sensitive, so be careful.",
        "I forgot my password. It's annoying.",
        "My PIN is not working.",
        "What is the magic word?",
        "Press 1 for sales, 2 for support.",
        "The error code is 40412.",
        "Your zip code is 90210.",
        "Your order number is 48213377 and ships on 2024-11-05.",
        "Flight 2490 leaves at 18:45 and costs 1299 dollars.",
        "Call us at (415) 555-0132 or write to support@example.com.",
        "The code was sent. The room is 2490.",
        "My account was opened in 2019.",
    ],
)
def test_talk_about_secrets_and_other_numbers_passes(text: str) -> None:
    assert say(text).spoken == text


def test_the_label_comes_from_the_words_around() -> None:
    assert say("Your guest Wi-Fi password is sunflower.").transcript == (
        "Your guest Wi-Fi password is [guest Wi-Fi password]."
    )


def test_a_vault_value_counts_before_what_the_words_around_make_a_secret() -> None:
    heard = say("The password is hunter2 zebra.", login="hunter2")
    assert [(d.value, d.via) for d in heard.diverted] == [("hunter2", Via.VAULT)]


def test_a_vault_value_counts_inside_what_the_words_around_make_a_secret() -> None:
    heard = say("The password is zebra hunter2.", login="hunter2")
    assert [(d.value, d.via) for d in heard.diverted] == [("hunter2", Via.VAULT)]
