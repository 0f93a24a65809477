"""While a number is asked for, every run of digits is one; corrections are taken down."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offmic.asking import Asking
from offmic.guard.asks import asked_for
from offmic.guard.dictation import Digits, take_down
from offmic.guard.spoken import DIGITS
from offmic.secrets import Kind


def cut(text: str, *, months: bool = False) -> list[str]:
    pieces = take_down(text, months=months)
    return [f"<{p.text}>" if isinstance(p, Digits) else p for p in pieces]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("4", ["<4>"]),
        ("My number is 4539, um, 1488 and then 0343.", ["My number is ", "<453914880343>", "."]),
        ("4539-1488/0343 6467", ["<4539148803436467>"]),
        ("four five three nine, oh one", ["<453901>"]),
        ("double five triple zero", ["<55000>"]),
        ("Double 5-00. Double 0-5.", ["<5500005>", "."]),
        ("forty-five thirty nine", ["<4539>"]),
        ("twelve hundred", ["<1200>"]),
        ("four to two for one", ["<42241>"]),
        ("I want to pay for it", ["I want to pay for it"]),
        ("one moment please", ["one moment please"]),
        ("oh, I see", ["oh, I see"]),
        ("\uff14\uff11\u200b1\u00b9 \u0661", ["<41111>"]),
        ("no double, please", ["no double, please"]),
        ("room 12 then and 7", ["room ", "<127>"]),
    ],
)
def test_runs_of_digits_are_found_however_they_come(text: str, pieces: list[str]) -> None:
    assert cut(text) == pieces


def test_months_are_digits_where_a_date_is_asked_for() -> None:
    assert cut("April twenty eight", months=True) == ["<0428>"]
    assert cut("May 2028", months=True) == ["<052028>"]
    assert cut("I may pay", months=True) == ["I may pay"]
    assert cut("April twenty eight") == ["April ", "<28>"]


WORDS = st.sampled_from([*DIGITS, "double", "um", ",", "-", "hello", "card", "7", "42", "\u200b"])


@given(st.lists(WORDS, max_size=12))
def test_nothing_is_lost_and_no_written_digit_is_left(words: list[str]) -> None:
    text = " ".join(words)
    pieces = take_down(text)
    said = "".join(p for p in pieces if isinstance(p, str))
    assert not re.search(r"\d", said)
    taken = "".join(p.text for p in pieces if isinstance(p, Digits))
    written = re.sub(r"\D", "", text)
    assert len(taken) >= len(written)
    assert "".join(p if isinstance(p, str) else p.said for p in pieces) == text


def dictate(*texts: str) -> str:
    asking = Asking("card number", Kind.CARD)
    for text in texts:
        asking.hear(asking.cut(text))
    return asking.digits()


@pytest.mark.parametrize(
    ("texts", "digits"),
    [
        (("4111 1111", "1111 1111"), "4111111111111111"),
        (("4539", "1488 0343 6467"), "4539148803436467"),
        (("4111 1111 1111 1112", "no, it ends in five"), "4111111111111115"),
        (("4111 1112", "it ends in one, one"), "41111111"),
        (("4111 1111 1111 1112", "No. The last digit is one."), "4111111111111111"),
        (("4111 1111 1111 1112", "sorry, the last four are 4222"), "4111111111114222"),
        (("4111 1112, sorry, 1111",), "41111111"),
        (("4111 1111", "it starts with five five"), "55111111"),
        (("4211 not two but one",), "4111"),
        (("4211", "five, not two"), "4511"),
        (("4111", "start over, 5500"), "5500"),
        (("4111 1111 1111 1112", "5500 0055 5555 5559"), "5500005555555559"),
    ],
)
def test_what_is_said_over_several_turns_is_put_together(
    texts: tuple[str, ...], digits: str
) -> None:
    assert dictate(*texts) == digits


def test_what_did_not_check_out_is_corrected_or_said_anew() -> None:
    for then, digits in (("no, it ends in five", "4115"), ("5500", "5500")):
        asking = Asking("card number")
        asking.hear(asking.cut("4111"))
        asking.doubt()
        asking.hear(asking.cut(then))
        assert asking.digits() == digits


def test_what_is_taken_down_does_not_show() -> None:
    asking = Asking("card number")
    asking.hear(asking.cut("4111"))
    assert "4111" not in repr(asking)
    assert "4111" not in repr(asking.cut("4111"))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("What is your card number?", ("card number", Kind.CARD)),
        ("Sure. Could you read me the card number, please?", ("card number", Kind.CARD)),
        ("Please tell me your PIN.", ("code", Kind.CODE)),
        ("I need your social security number.", ("social security number", Kind.SSN)),
        ("And your security code? Please say the security code.", ("security code", Kind.CODE)),
        ("May I have your account number?", ("account number", Kind.ACCOUNT)),
        ("Do you need the door code?", None),
        ("The door code is on your screen.", None),
        ("What is your name?", None),
        ("Would you like to read the house rules?", None),
        ("I can show you the Wi-Fi password and the door code.", None),
    ],
)
def test_an_agent_that_asks_is_told_from_one_that_offers(
    said: str, wanted: tuple[str, Kind] | None
) -> None:
    assert asked_for(said) == wanted
