"""What is answered without the chat model: no more than is so."""

from __future__ import annotations

import pytest

from offmic.local.names import Name
from offmic.local.talk import reply

NAMES = (Name("Wi-Fi password"), Name("door code"))
LAST = "The lift is out of order."


@pytest.mark.parametrize(
    "said", ["What can you do for me?", "Can you help me?", "How can you help?"]
)
def test_it_says_what_it_can_do(said: str) -> None:
    assert reply(said, NAMES, "") == "I can show you the Wi-Fi password and the door code."
    assert reply(said, (), "") == "I can only chat a little."


@pytest.mark.parametrize(
    "said",
    ["Can you call me a taxi?", "Could you please book a room?", "I would like to order a pizza."],
)
def test_it_says_politely_that_it_cannot(said: str) -> None:
    answer = reply(said, NAMES, "")
    assert answer is not None
    assert answer.startswith("I am sorry, I cannot do that.")


@pytest.mark.parametrize(
    "said",
    [
        "Where is the meeting room?",
        "When does the restaurant open?",
        "How do I get to the station?",
    ],
)
def test_it_says_that_it_does_not_know(said: str) -> None:
    answer = reply(said, NAMES, "")
    assert answer is not None
    assert answer.startswith("I am sorry, I do not know that.")


@pytest.mark.parametrize(
    "said", ["Say it again.", "I didn't get it.", "Pardon?", "What did you say?"]
)
def test_it_repeats_its_last_words(said: str) -> None:
    assert reply(said, NAMES, LAST) == LAST
    assert reply(said, NAMES, "") is None


@pytest.mark.parametrize("said", ["Are you a robot?", "Who are you?"])
def test_it_says_what_it_is(said: str) -> None:
    assert reply(said, NAMES, "") == "I am a voice assistant, not a person."


@pytest.mark.parametrize(
    "said",
    [
        "How are you today?",
        "It is raining outside.",
        "Thank you very much.",
        "I had a long journey.",
    ],
)
def test_small_talk_is_the_chat_models(said: str) -> None:
    assert reply(said, NAMES, LAST) is None
