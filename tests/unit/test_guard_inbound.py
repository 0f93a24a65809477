"""What a user says or types is guarded like the model's words, over several transcripts too."""

from __future__ import annotations

from offmic.guard import Direction, Guard, SecretDiverted
from tests.fakes.guarding import hear, vault_of


def listen(*transcripts: str) -> list[tuple[str, list[str]]]:
    guard = Guard(vault_of(), Direction.IN)
    heard = [hear(guard, [text]) for text in transcripts]
    return [(h.spoken, h.values) for h in heard]


def test_a_card_number_broken_over_transcripts_is_found_piece_by_piece() -> None:
    said = listen("My card number is 4111 1111", "1111 1111.", "Thank you very much.")
    assert said == [
        ("My card number is on your screen", ["41111111"]),
        ("on your screen.", ["11111111"]),
        ("Thank you very much.", []),
    ]


def test_what_one_transcript_announces_is_found_in_the_next() -> None:
    assert listen("My password is", "hunter2, thanks.")[1] == (
        "on your screen, thanks.",
        ["hunter2"],
    )
    assert listen("My account number is", "44297 3131.")[1] == ("on your screen.", ["442973131"])


def test_what_the_model_said_is_no_cue_for_its_next_turn() -> None:
    guard = Guard(vault_of())
    hear(guard, ["What is your account number?"])
    assert hear(guard, ["The order 44297313 has shipped."]).values == []


def test_a_label_in_a_users_words_is_no_reference() -> None:
    guard = Guard(vault_of(door_code="4821"), Direction.IN)
    segments = guard.feed("open [door code]") + guard.flush()
    assert not any(isinstance(s, SecretDiverted) for s in segments)
