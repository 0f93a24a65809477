"""The caller's words: values leave as labels, in interim words and over several transcripts too."""

from __future__ import annotations

import pytest

from offmic.asking import Asking
from offmic.guard import Direction, Guard
from offmic.hearing import Hearing
from offmic.inbound import with_handles
from offmic.secrets import Kind, Vault

NUMBER = "4539148803436467"


@pytest.fixture
def vault() -> Vault:
    return Vault()


@pytest.fixture
def hearing(vault: Vault) -> Hearing:
    return Hearing(vault, Guard(vault, Direction.IN))


def test_interim_words_take_nothing_up(hearing: Hearing, vault: Vault) -> None:
    assert hearing.interim("my card number is 4539 1488") == "my card number is [card]"
    assert hearing.interim(f"my card number is {NUMBER}") == "my card number is [card]"
    assert len(vault) == 0


def test_a_number_that_may_still_grow_is_not_in_interim_words(hearing: Hearing) -> None:
    assert hearing.interim("5001-4") == "[number]"
    assert hearing.interim("at ten in room 1204") == "at ten in room 1204"
    assert hearing.final("in room 12045")[0] == "in room 12045"


def test_interim_words_know_what_the_final_before_them_announced(hearing: Hearing) -> None:
    hearing.final("my password is")
    assert "hunter2" not in hearing.interim("hunter2")
    assert "hunter2" not in hearing.interim("hunter2 thanks")
    assert "hunter2" not in hearing.final("hunter2, thanks.")[0]


def test_from_the_first_digit_on_it_is_the_number_that_is_asked_for(
    hearing: Hearing, vault: Vault
) -> None:
    with hearing.asking_for(Asking("card number", Kind.CARD)) as asking:
        assert hearing.interim("it is four") == "it is [card number]"
        assert asking.digits() == ""
        assert hearing.final("it is four five") == ("it is [card number]", 0)
        assert hearing.final("three, sorry, nine.") == ("[card number], sorry, [card number].", 0)
        assert asking.digits() == "459"
    assert asking.digits() == ""
    assert hearing.final("room 12") == ("room 12", 0)
    assert len(vault) == 0


def test_what_else_is_secret_stays_so_while_a_number_is_asked_for(hearing: Hearing) -> None:
    with hearing.asking_for(Asking("card number", Kind.CARD)):
        assert "hunter" not in hearing.final("my password is hunterman, the number 4539")[0]
        assert "hunter" not in hearing.interim("my password is hunterman")


def test_the_words_before_a_number_announce_nothing_behind_it(hearing: Hearing) -> None:
    with hearing.asking_for(Asking("PIN")):
        assert hearing.final("my password is 4539 tulip harbour")[0].endswith("tulip harbour")


def test_two_numbers_do_not_share_a_label(hearing: Hearing, vault: Vault) -> None:
    vault.hold(NUMBER, "card number", Kind.CARD)
    with hearing.asking_for(Asking("card number", Kind.CARD)):
        assert hearing.final("4")[0] == "[card number 2]"


def test_a_question_of_the_agent_makes_the_answers_digits_a_secret(
    hearing: Hearing, vault: Vault
) -> None:
    hearing.expect("What is your PIN?", "turn 1")
    assert hearing.interim("seven") == "[code]"
    words, _ = hearing.final("seven one three")
    assert words == "[code]"
    hearing.final("nine")
    # The label stands for all of it.
    (secret,) = vault
    assert secret.reveal() == "7139"
    assert with_handles(vault, words) == secret.handle
    hearing.expect("Thank you. Anything else?", "turn 2")
    assert hearing.final("two beds")[0] == "two beds"


def test_a_question_is_noted_once_though_it_is_spoken_and_written(hearing: Hearing) -> None:
    hearing.expect("What is your PIN?", "turn 1")
    hearing.final("seven one")
    hearing.expect("What is your PIN?", "turn 1")
    hearing.final("three nine")
    assert hearing._answer is not None  # noqa: SLF001 - what it has so far is nowhere else
    assert hearing._answer.digits() == "7139"  # noqa: SLF001


def test_references_in_a_callers_words_are_inert(hearing: Hearing, vault: Vault) -> None:
    door = vault.hold("48213377", "door code")
    for text in (door.handle, "[door code]", "\uff3bdoor code\uff3d", "[door\u200b code]"):
        for words in (hearing.final(f"say {text}")[0], hearing.interim(f"say {text}")):
            assert with_handles(vault, words) == words
            assert vault.resolve(words.removeprefix("say ")) is None
            assert "{{secret:" not in words


def test_keys_count_only_where_a_number_is_asked_for(hearing: Hearing) -> None:
    pressed: list[None] = []
    hearing.on_key = lambda: pressed.append(None)
    hearing.press("4")
    with hearing.asking_for(Asking("card number", Kind.CARD)) as asking:
        for key in "12*45#A":
            hearing.press(key)
        assert asking.digits() == "45"
        assert asking.ended
    assert len(pressed) == 7
