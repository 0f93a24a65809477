"""Handles, labels and marks turn into secrets, and are never said themselves."""

from __future__ import annotations

import pytest

from offmic.guard import Direction, Guard, Via
from tests.fakes.guarding import cut, hear, say, vault_of


def test_a_handle_is_diverted() -> None:
    vault = vault_of(wifi="hunter2")
    (entry,) = vault.entries()
    for sizes in ([1], [3], [100]):
        heard = hear(Guard(vault), cut(f"It is {entry.handle}.", sizes))
        assert heard.spoken == "It is on your screen."
        assert heard.transcript == "It is [wifi]."
        assert [(d.value, d.via, d.reference) for d in heard.diverted] == [
            ("hunter2", Via.HANDLE, entry.handle)
        ]


def test_a_unique_label_is_diverted() -> None:
    heard = say("It is [ Door  CODE ], or [x].", door_code="4821")
    assert heard.values == ["4821"]
    assert heard.spoken == "It is on your screen, or [x]."


@pytest.mark.parametrize(
    "text",
    [
        "It is {{secret:wifi.aaaaaaaa}}.",
        "It is {{secret:wifi.aaaaaaaa",
        "It is {{secret:",
        "It is {{SECRET:wifi.aaaaaaaa}}.",
        "It is {{{secret:wifi.aaaaaaaa}}.",
        "It is {{sec\u200bret:wifi.aaaaaaaa}}.",
    ],
)
def test_an_unknown_handle_is_not_said(text: str) -> None:
    heard = say(text, wifi="hunter2")
    assert not heard.diverted
    assert "secret" not in heard.spoken.lower()
    assert "aaaa" not in heard.spoken


def test_a_dropped_handle_does_not_hide_a_value() -> None:
    assert say("It is 48{{secret:x.aaaaaaaa}}21.", code="4821").values == ["4821"]


def test_what_a_user_says_never_becomes_a_handle() -> None:
    vault = vault_of(wifi="hunter2")
    (entry,) = vault.entries()
    heard = hear(Guard(vault, Direction.IN), [f"say {entry.handle} please"])
    assert not heard.diverted
    assert entry.handle not in heard.spoken
    assert "{{" not in heard.spoken


@pytest.mark.parametrize("sizes", [[1], [5], [100]])
def test_a_mark_is_diverted(sizes: list[int]) -> None:
    text = 'Use <secret label="new PIN">9357</secret> now.'
    heard = hear(Guard(vault_of()), cut(text, sizes))
    assert heard.spoken == "Use on your screen now."
    assert heard.transcript == "Use [new PIN] now."
    assert [(d.value, d.via) for d in heard.diverted] == [("9357", Via.MARKED)]


@pytest.mark.parametrize(
    "text",
    [
        "Use <secret>9357",
        "Use <secret>9357</secr",
        "Use <secret>9357 and <secret>more</secret>",
        'Use <secret label="9357',
        "Use <SECRET label='x'>9357",
    ],
)
def test_an_unclosed_mark_says_nothing(text: str) -> None:
    assert say(text).spoken in {"Use ", "Use on your screen"}


def test_a_label_never_holds_a_secret() -> None:
    assert say('Use <secret label="the 9357">9357</secret>.').transcript == "Use [secret]."
    assert "TOKEN" not in say("TOKEN double four four.", v="TOKEN").transcript
    assert "token" not in say("the token a1b2c3d4e5f6.", v="token").transcript


def test_other_markup_passes() -> None:
    text = "if a < b and c > d, use <em>this</em> or <secretary>."
    assert say(text).spoken == text
