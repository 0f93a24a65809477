# ruff: noqa: RUF001 - look-alikes are what is tested
"""Vault values are found in whatever form they are written or said."""

from __future__ import annotations

import pytest

from offmic.guard import Guard, Via
from tests.fakes.guarding import hear, say, vault_of

CODE = "4821"
WORD = "Tr0ub4dor-31"


@pytest.mark.parametrize(
    "said",
    [
        "4821",
        "4 8 2 1",
        "4-8-2-1",
        "4, 8, 2, 1",
        "48 21",
        "four eight two one",
        "four, eight, two, one",
        "Four Eight Two One",
        "forty-eight twenty-one",
        "forty eight twenty one",
        "forty-eight hundred twenty-one",
        "four thousand eight hundred and twenty-one",
        "four eight twenty one",
        "48 twenty-one",
        "4\u200b8\u200b2\u200b1",
        "４８２１",
        "٤٨٢١",
        "**4821**",
        "4*8*2*1",
        "`4821`",
        "<b>48</b>21",
        '<say-as interpret-as="digits">4821</say-as>',
        "four <break time='200ms'/> eight two one",
        "1284",
        "NDgyMQ==",
        "34383231",
    ],
)
def test_a_code_is_found(said: str) -> None:
    heard = say(f"The code is {said}, thank you.", door_code=CODE)
    assert heard.values == [CODE]
    assert heard.diverted[0].via is Via.VAULT
    assert heard.diverted[0].label == "door code"
    assert "The code is" in heard.spoken
    assert heard.spoken.endswith(", thank you.")


@pytest.mark.parametrize(
    "said",
    [
        WORD,
        "tr0ub4dor 31",
        "TR0UB4DOR-31",
        "T r 0 u b 4 d o r - 3 1",
        "T-r-0-u-b-4-d-o-r-3-1",
        "t, r, zero, u, b, four, d, o, r, dash, three, one",
        "capital T r zero u b four d o r dash thirty one",
        "tango romeo zero uniform bravo four delta oscar romeo hyphen three one",
        "T as in Tom, R as in Robert, zero, U for umbrella, B like boy, four, D as in dog, o r 31",
        "tee ar zero you bee four dee owe ar dash three one",
        "Тr0ub4dоr-31",
        "13-rod4bu0rT",
    ],
)
def test_a_password_is_found(said: str) -> None:
    assert say(f"It says {said}. Done.", login=WORD).values[:1] == [WORD]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("9007", "nine double oh seven"),
        ("9007", "nine, double zero, seven"),
        ("5557", "triple five seven"),
        ("1948-03-29", "29 March 1948"),
        ("1948-03-29", "March 29th, 1948"),
        ("1948-03-29", "the twenty-ninth of March nineteen forty-eight"),
        ("www9", "double u w w nine"),
        ("2005", "twenty oh five"),
        ("1900", "nineteen hundred"),
        ("correct horse battery", "correct, horse, battery"),
        ("correct horse battery", "correct dash horse dash battery"),
        ("p@ssword", "p at s s w o r d"),
        ("password", "p@ssw0rd"),
    ],
)
def test_other_readings_are_found(value: str, said: str) -> None:
    assert say(f"Well, {said} is it.", it=value).values[:1] == [value]


def test_the_longer_of_two_values_counts() -> None:
    guard = Guard(vault_of(short="4821", long="482195"))
    assert hear(guard, ["It is 48", "21", "95."]).values == ["482195"]
    assert hear(guard, ["It is 48", "21", "."]).values == ["4821"]


def test_symbols_around_a_value_go_with_it() -> None:
    assert say("It is $ecret99!! now.", x="$ecret99!!").spoken == "It is on your screen now."


def test_half_of_a_value_is_found() -> None:
    assert say("The code ends in 2024, then.", x="sum2024").values == ["sum2024"]
    assert say("It is velvet 73.", x="Quartz-Velvet-7391").values == ["Quartz-Velvet-7391"]


@pytest.mark.parametrize(
    "text",
    [
        "There are four people and eight chairs.",
        "Call 555 0198 at 4:15.",
        "Your table for two is at eight.",
        "I am as happy as can be, double check the date.",
    ],
)
def test_other_numbers_pass(text: str) -> None:
    assert say(text, door_code=CODE, login=WORD).spoken == text


def test_a_value_learnt_in_the_call_is_found_from_then_on() -> None:
    vault = vault_of()
    guard = Guard(vault)
    assert hear(guard, ["It is 739104."]).values == []
    vault.hold("739104", "code", "code")
    assert hear(guard, ["It is 739104."]).values == ["739104"]


def test_what_can_no_longer_be_a_value_is_not_held_back() -> None:
    guard = Guard(vault_of(door_code=CODE))
    assert hear(guard, ["The door co", "de is four eight", " two one."]).emitted == [
        "The door co",
        "de is ",
        "",
        "on your screen.",
    ]


@pytest.mark.parametrize(
    "turns",
    [
        ["The first half is four eight.", "And then two one."],
        ["It starts with 48.", "And it ends with 21, you see."],
        ["The first half is 48 and the second half is two one."],
    ],
)
def test_a_value_in_two_short_pieces_is_not_completed(turns: list[str]) -> None:
    guard = Guard(vault_of(door_code=CODE))
    heard = [hear(guard, [turn]) for turn in turns]
    assert [v for h in heard for v in h.values] == [CODE]
    assert not any("21" in h.spoken or "two one" in h.spoken for h in heard)


def test_an_everyday_word_of_a_value_passes_but_not_beside_the_rest_or_in_context() -> None:
    value = "summer-2024"
    for text in ("I love summer.", "It was built in 2024."):
        assert say(text, wifi=value).spoken == text
    assert say("The password has summer in it.", wifi=value).values == [value]
    assert say("Type xkqzp now.", wifi="xkqzp-2291").values == ["xkqzp-2291"]


@pytest.mark.parametrize(
    ("value", "half"),
    [("K_6gWzye", "K_6g"), ("H#Bn#12U", "H#Bn"), ("weAnuQW8Mc", "weAnu"), ("w!$U4XhHe", "w!$U4")],
)
def test_half_of_a_value_is_counted_with_its_symbols_and_random_letters_are_no_word(
    value: str, half: str
) -> None:
    assert half not in say(f"It starts with {half}, I think.", v=value).spoken


def test_a_word_of_a_value_that_is_made_of_words_is_said() -> None:
    assert say("I like summer.", v="summer-2024").spoken == "I like summer."


@pytest.mark.parametrize(
    "said",
    [
        "cuatro ocho dos uno cinco",
        "quatre huit deux un cinq",
        "vier acht zwei eins fünf",
        "quattro otto due uno cinque",
        "quatro oito dois um cinco",
        "vier acht twee een vijf",
        "vier ocho deux uno five",
    ],
)
def test_a_code_in_the_digits_of_another_language_is_not_said(said: str) -> None:
    heard = say(f"In other words {said}.", door_code="48215")
    assert heard.values == ["48215"]
    assert said not in heard.spoken


def test_words_of_other_languages_that_spell_no_value_are_said() -> None:
    text = "The sept of uno, due tomorrow, plays tres bien in a nove."
    assert say(text, door_code="48215").spoken == text


@pytest.mark.parametrize(
    ("value", "turn"),
    [
        ("Submarine-Buttermilk-83", "The first 11 are Submarine-B. The last 11 are ttermilk-83."),
        ("482157931", "The first half is four eight two one, the last seven nine three one."),
    ],
)
def test_two_halves_with_one_character_between_them_are_not_both_said(
    value: str, turn: str
) -> None:
    heard = hear(Guard(vault_of(it=value)), [turn])
    assert heard.values == [value]
    assert not heard.spoken.endswith(turn[-6:])
