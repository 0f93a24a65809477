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
        '{"speech_id": "speech_75a8e7391d16", "pid": 7391, "job_id": "AJ_c7391Gh2aTqP"}',
        '"id": "602c8de5-7391-45d7-b35e-715a2cef0795", "span": "ac7391b2d05e77f0"',
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


@pytest.mark.parametrize(
    "text",
    [
        '"created_at": 1795581784.1804821, "pid": 4821, "url": "ws://127.0.0.1:24821"',
        "item_8337a1a4821d in 0.11482101084",
    ],
)
def test_the_digits_of_a_code_within_other_numbers_and_names_are_not_taken_for_it(
    text: str,
) -> None:
    assert not leaks("4821", text)


@pytest.mark.parametrize(
    "text", ["key_4539148803436467", "(4539148803436467)", "a4539148803436467"]
)
def test_a_long_number_is_no_name_of_a_program(text: str) -> None:
    assert leaks("4539148803436467", text)
