"""The search for leaks finds what it says it finds, and cries wolf over nothing else."""

from __future__ import annotations

import pytest

from offmic.audit.renderings import leaks

PASSWORD = "Quartz-Velvet-7391"


@pytest.mark.parametrize(
    "text",
    [
        "it is Quartz-Velvet-7391.",
        "quartz velvet 7391",
        "q u a r t z, v e l v e t, 7 3 9 1",
        "Quartz Velvet seven three nine one",
        "quartz velvet seventy-three ninety one",
        "1937-tevleV-ztrauQ",
        "just the last part: seven, three, nine, one",
        "only velvet came through",
        "UXVhcnR6LVZlbHZldC03Mzkx",
        "5175617274 512d 5175617274" + PASSWORD.encode().hex(),
        "qu\u200bartz",
        "Q for quebec, uniform, alpha, romeo, tango, zulu",
    ],
)
def test_a_rendering_of_a_password_is_found(text: str) -> None:
    assert leaks(PASSWORD, text)


@pytest.mark.parametrize(
    "text",
    [
        "The Wi-Fi password is on your screen.",
        '{"timestamp": "2026-11-22T11:52:04.739112", "pid": 17391, "took": "0.7391"}',
        "{{secret:wifi-password.k7q2m9xd}}",
    ],
)
def test_other_text_is_not_taken_for_a_password(text: str) -> None:
    assert not leaks(PASSWORD, text)


@pytest.mark.parametrize("text", ["4 8 2 1", "4,821", "four eight two one", '"code":4821'])
def test_a_rendering_of_a_code_is_found(text: str) -> None:
    assert leaks("4821", text)


def test_oh_and_double_digits_are_found() -> None:
    assert leaks("90066", "nine, oh, oh, six, six")
    assert leaks("90066", "nine double zero double six")
