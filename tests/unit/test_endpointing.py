"""How long a silence must last: words that cannot end wait, whole sentences do not."""

from __future__ import annotations

import tomllib
from typing import Final

import pytest

from offmic.endpointing import (
    LEAST_S,
    READING_S,
    Completeness,
    Patience,
    count_digits,
    judge,
    silence_s,
)
from tests.fakes.worker import PROJECT

_PAUSES: Final = tomllib.loads((PROJECT / "tests/data/pauses.toml").read_text())
LONGEST_PAUSE_S: Final = 1.5


@pytest.mark.parametrize("before", [before for before, _ in _PAUSES["broken"]])
def test_what_cannot_end_outlasts_the_longest_pause_whatever_it_sounds_like(before: str) -> None:
    assert judge(f"{before}.") is Completeness.OPEN
    assert silence_s(judge(before), 0.6) > LONGEST_PAUSE_S


@pytest.mark.parametrize("text", _PAUSES["complete"])
def test_what_lacks_nothing_is_answered_soon_whatever_it_sounds_like(text: str) -> None:
    assert silence_s(judge(text), 0.1) < 0.5
    assert silence_s(judge(text), 0.6) == LEAST_S


@pytest.mark.parametrize(
    "heard",
    [
        "I need a.",
        "Please tell me that.",
        "I forgot her.",
        "Do you know that?",
        "The code for this.",
        "How do I open?",
        "When I open",
        "I had a long.",
        "He slept in a very.",
    ],
)
def test_words_that_lack_their_thing_do_not_end_a_turn(heard: str) -> None:
    assert judge(heard) is Completeness.OPEN


@pytest.mark.parametrize(
    "text",
    [
        "Can you repeat that?",
        "I did not get it.",
        "Can you tell me what the door code is?",
        "Do you know where the lift is?",
        "What can I do?",
        "Who are you?",
        "Can you help me?",
        "When does the pool open?",
        "What time do we meet?",
        "I had a long journey.",
        "I had lunch.",
        "She slept on the train.",
    ],
)
def test_what_looks_unfinished_and_is_not(text: str) -> None:
    assert judge(text) in (Completeness.WHOLE, Completeness.LIKELY)


@pytest.mark.parametrize("text", ["Hello.", "Excuse me.", "The locker.", "4 1 1 1"])
def test_a_greeting_a_name_or_a_number_may_go_on(text: str) -> None:
    assert judge(text) is Completeness.UNSURE


@pytest.mark.parametrize(
    ("text", "count"),
    [("4111", 4), ("four one one one", 4), ("twelve", 2), ("Room 412, please", 3), ("hello", 0)],
)
def test_digits_are_counted_however_they_are_written(text: str, count: int) -> None:
    assert count_digits(text) == count


def test_a_number_that_was_asked_for_is_waited_for_to_its_last_group() -> None:
    patience = Patience()
    for missing in (16, 12, 8):
        patience.note("4111", is_final=True, missing_digits=missing)
        assert patience.silence_s(0.9) == READING_S
    patience.note("1111", missing_digits=4)
    assert patience.silence_s(0.9) < READING_S
    patience.note("I do not have it here.", missing_digits=4)
    assert patience.silence_s(0.9) == LEAST_S


def test_what_was_begun_before_a_pause_is_completed_by_a_name_alone() -> None:
    patience = Patience()
    patience.note("How can I get to the", is_final=True)
    assert patience.silence_s(0.9) > LONGEST_PAUSE_S
    patience.note("Railway station.")
    assert patience.silence_s(0.1) < 0.5


def test_a_noise_without_words_is_not_waited_for() -> None:
    assert Patience().silence_s(0.1) == LEAST_S


def test_words_are_settled_for_what_was_said_before_them() -> None:
    patience = Patience()
    patience.note("what is", settled_s=1.0)
    assert patience.is_settled(since_s=0.9)
    assert not patience.is_settled(since_s=1.1)
