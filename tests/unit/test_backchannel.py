"""What a listener murmurs is no interruption; what somebody asks is."""

from __future__ import annotations

import pytest

from offmic.backchannel import is_backchannel, words_of


@pytest.mark.parametrize(
    "text", ["Mm-hmm.", "MM-HM", "Uh-huh.", "Hmm.", "Oh, wow.", "Yeah, right."]
)
def test_assent_is_none_however_long_it_takes(text: str) -> None:
    assert is_backchannel(text, spoken_s=1.2)
    assert is_backchannel(text, spoken_s=0)


@pytest.mark.parametrize("text", ["Mama.", "An anthem.", "And then they can."])
def test_a_moment_of_sound_is_none_whatever_word_was_made_of_it(text: str) -> None:
    assert is_backchannel(text, spoken_s=0.5)
    assert not is_backchannel(text, spoken_s=1.0)
    assert not is_backchannel(text, spoken_s=0)


@pytest.mark.parametrize("text", ["Stop!", "STOP", "No.", "Wait.", "Yes.", "What?", "Hold on."])
def test_a_short_word_that_means_something_is_one(text: str) -> None:
    assert not is_backchannel(text, spoken_s=0.3)


def test_the_name_of_what_is_asked_for_is_one() -> None:
    names = words_of(["door code", "front door"])
    assert not is_backchannel("Door code?", 0.5, names)
    assert is_backchannel("Mama.", 0.5, names)


def test_small_words_of_a_name_ask_for_nothing() -> None:
    names = words_of(["Code of the Day", "the old key"])
    assert names == {"code"}
    assert is_backchannel("Of the.", 0.5, names)
