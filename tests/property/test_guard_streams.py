"""Whatever the chunks, the guard says the same, and never a value."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offmic.guard import Direction, Guard
from tests.fakes.guarding import chunk_sizes, cut, hear, say, tricky_texts, vault_of

VALUES = {
    "door_code": "4821",
    "long_code": "482195",
    "wifi": "summer-2024",
    "login": "hunter2",
    "phrase": "correct horse battery",
    "birthday": "1948-03-29",
    "odd": "$w@rd!",
}
HANDLE_LIKE = ("{{secret:door-code.abcdefgh}}", "{{secret:x.", "[wifi]", "cor", "rect horse")


@pytest.mark.parametrize("direction", list(Direction))
@given(text=tricky_texts(HANDLE_LIKE), sizes=chunk_sizes())
@settings(max_examples=400, deadline=None)
def test_streamed_equals_whole(direction: Direction, text: str, sizes: list[int]) -> None:
    vault = vault_of(**VALUES)
    whole = hear(Guard(vault, direction), [text])
    streamed = hear(Guard(vault, direction), cut(text, sizes))
    assert (streamed.spoken, streamed.transcript, streamed.diverted) == (
        whole.spoken,
        whole.transcript,
        whole.diverted,
    )


@given(
    value=st.text(st.characters(categories=["L", "N", "P"]), min_size=4, max_size=12),
    before=tricky_texts(),
    after=tricky_texts(),
    sizes=chunk_sizes(),
)
@settings(max_examples=300, deadline=None)
def test_a_value_is_never_said(value: str, before: str, after: str, sizes: list[int]) -> None:
    if value.casefold() in "on your screen" or value in "[v]":
        return
    text = f"{before} {value} {after}"
    heard = hear(Guard(vault_of(v=value)), cut(text, sizes))
    assert value not in heard.spoken
    assert value not in heard.transcript


@given(text=st.text(st.characters(codec="utf-8"), max_size=80), sizes=chunk_sizes())
@example(text="de\u0301ja\u0300 \u200bvu \U0001f600 \ufb01n", sizes=[1])
@settings(max_examples=300, deadline=None)
def test_text_without_secrets_passes_code_point_for_code_point(text: str, sizes: list[int]) -> None:
    heard = hear(Guard(vault_of()), cut(text, sizes))
    if not heard.diverted and "secret" not in text.casefold():
        assert heard.spoken == heard.transcript == text


@pytest.mark.parametrize(
    "unit",
    ["a", "4", "four ", "4 ", "<", "{", "[", "<b", "<secret>", "{{secret:", "double ", "4821 "],
)
def test_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    def seconds(size: int) -> float:
        guard = Guard(vault_of(**VALUES))
        text = unit * (size // len(unit))
        begun = time.process_time()
        for at in range(0, len(text), 64):
            guard.feed(text[at : at + 64])
        guard.flush()
        return time.process_time() - begun

    # Ten times the text in at most twenty times the time: quadratic work would take a hundred.
    assert seconds(40_000) < 20 * max(seconds(4_000), 0.005)


@given(text=tricky_texts(HANDLE_LIKE), at=st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_a_cancelled_turn_leaves_nothing_behind(text: str, at: int) -> None:
    guard = Guard(vault_of(**VALUES))
    guard.feed(text[:at])
    guard.discard()
    assert guard.flush() == []
    assert hear(guard, ["Hello."]).spoken == "Hello."


def test_nothing_in_particular_is_said_as_it_came() -> None:
    text = "Good morning, how can I help you today?"
    assert say(text, door_code="4821").emitted == [text, ""]
