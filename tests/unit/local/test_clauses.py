"""How streamed words are cut for the voice."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offmic.local.clauses import Clauses

TEXT = (
    "Sure, Dr. Smith. The room is 3.5 metres wide, as far as I know. Anything else? "
    "It is on your screen"
)


def cut(chunks: list[str]) -> list[str]:
    clauses = Clauses()
    return [p for chunk in chunks for p in clauses.feed(chunk)] + clauses.flush()


def test_a_sentence_is_given_as_soon_as_the_next_one_begins() -> None:
    clauses = Clauses()
    assert clauses.feed("It is on your screen.") == []
    assert clauses.feed(" Any") == ["It is on your screen."]


def test_the_first_piece_may_be_a_clause() -> None:
    clauses = Clauses()
    assert clauses.feed("It is on your screen, and") == ["It is on your screen,"]
    assert clauses.feed(" it stays for a while, I") == []


def test_a_short_first_word_waits_for_company() -> None:
    assert Clauses().feed("Sure, it is") == []


@pytest.mark.parametrize("text", ["It is 3.5 km away", "Ask Dr. Smith about it", "J. K. Rowling"])
def test_a_dot_that_ends_nothing_does_not_cut(text: str) -> None:
    assert cut(list(text)) == [text]


def test_an_endless_sentence_is_cut_between_words() -> None:
    text = "word " * 200
    pieces = cut([text[i : i + 50] for i in range(0, len(text), 50)])
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 300
    assert " ".join(pieces).split() == text.split()


@given(st.lists(st.integers(1, len(TEXT) - 1), max_size=40))
def test_whatever_the_chunks_every_word_is_spoken_once_and_in_order(cuts: list[int]) -> None:
    edges = [0, *sorted(set(cuts)), len(TEXT)]
    chunks = [TEXT[a:b] for a, b in itertools.pairwise(edges)]
    assert " ".join(cut(chunks)).split() == TEXT.split()
