"""Card numbers are found however they are said, and other long numbers pass."""

from __future__ import annotations

import pytest

from offmic.guard import Via
from tests.fakes.guarding import say

CARD = "4111111111111111"


@pytest.mark.parametrize(
    "said",
    [
        CARD,
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "four one one one one one one one one one one one one one one one",
        "forty-one eleven eleven eleven eleven eleven eleven eleven",
        "four triple one, 1111 1111, double one double one",
        "4111 1111 1111 eleven eleven",
    ],
)
def test_a_card_number_is_found(said: str) -> None:
    heard = say(f"Pay with {said}, please.")
    assert heard.values == [CARD]
    assert heard.spoken == "Pay with on your screen, please."
    assert heard.transcript == "Pay with [card number], please."
    assert heard.diverted[0].via is Via.PATTERN


def test_a_card_with_a_wrong_check_digit_is_found_by_its_context() -> None:
    heard = say("My credit card number is 4111 1111 1111 1112.")
    assert [(d.value, d.via) for d in heard.diverted] == [("4111111111111112", Via.CONTEXT)]


def test_two_cards_are_two_secrets() -> None:
    assert say("Cards 4111111111111111 and 5500000000000004.").values == [CARD, "5500000000000004"]


@pytest.mark.parametrize(
    "text",
    [
        "Your order 1234567890123 has shipped.",
        "Call +44 20 7946 0958 or +852 2570 6186.",
        "One two three four five.",
        "Pi is 3.14159265358979323846264338327950288419716939937510.",
    ],
)
def test_other_numbers_pass(text: str) -> None:
    assert say(text).spoken == text


@pytest.mark.parametrize("text", ["4821 it was. One more.", "4821 was: one", "4821 as\none more"])
def test_one_behind_a_number_that_nothing_explained_is_a_word(text: str) -> None:
    assert say(text).spoken == text
