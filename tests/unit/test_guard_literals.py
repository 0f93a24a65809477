"""Halves of values that are mostly symbols are found as they are typed; ordinary text passes."""

from __future__ import annotations

import pytest

from offmic.guard import Guard, Said
from tests.fakes.guarding import hear, vault_of


@pytest.mark.parametrize(
    ("value", "half"),
    [
        ("db!!j!EB", "db!!"), ("3T/+o#XB", "3T/+"), ("TX*Umio8", "TX*U"), ("wim!DOce", "wim!"),
        ("m_P_$@3Z25", "m_P_$"), ("T@//#l+33fB3Y", "T@//#l+"), ("wim!DO#c", "DO#c"),
    ],
)  # fmt: skip
def test_half_of_a_value_is_not_said(value: str, half: str) -> None:
    for size in range(1, len(half) + 3):
        text = f"The first half is {half}, I think."
        chunks = [text[at : at + size] for at in range(0, len(text), size)]
        heard = hear(Guard(vault_of(it=value)), chunks)
        assert half not in heard.spoken
        assert heard.values == [value]


@pytest.mark.parametrize("text", ["Oh yes! It's 50% off.", "a/b or $5.00, e.g. 3/4 of it."])
def test_what_any_sentence_may_hold_is_said(text: str) -> None:
    guard = Guard(vault_of(one="yes!Joe1", two="$5.00abc", three="3/4+xQz"))
    said = [*guard.feed(text), *guard.flush()]
    assert "".join(part.text for part in said if isinstance(part, Said)) == text
