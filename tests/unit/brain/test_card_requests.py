"""Who wants to pay by card is asked for one; who only speaks of cards or payments is not."""

from __future__ import annotations

import pytest

from offmic.local.intents import Request, recogniser
from tests.unit.brain.desk import TOOLS, names

TOOL = "take_payment_card"


@pytest.mark.parametrize(
    "said",
    [
        "I would like to pay by card.",
        "I'd like to pay my bill with a card",
        "Can I pay with my credit card?",
        "I want to pay by card, please",
        "Can I pay the room by card?",
        "Could you charge my credit card?",
        "I would like to pay.",
        "I want to make a payment",
        "Payment by card",
        "Please take my card.",
    ],
)
def test_a_payment_by_card_is_taken(said: str) -> None:
    assert recogniser(names()).recognise(said, (*TOOLS, TOOL)) == (Request(TOOL, {}),)
    assert recogniser(names()).recognise(said, TOOLS) is None


@pytest.mark.parametrize(
    "said",
    [
        "Do you take cards?",
        "I paid by card yesterday.",
        "Where can I buy a birthday card?",
        "I lost my key card.",
        "How much do I have to pay?",
        "Is the payment through?",
        "Thank you for the card.",
    ],
)
def test_talk_about_cards_is_no_payment(said: str) -> None:
    found = recogniser(names()).recognise(said, (*TOOLS, TOOL))
    assert not (isinstance(found, tuple) and any(request.tool == TOOL for request in found))
