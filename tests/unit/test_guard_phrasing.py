"""What stands around a secret still makes a sentence."""

from __future__ import annotations

import pytest

from offmic.guard import Guard, Phrasing, SecretDiverted
from tests.fakes.guarding import vault_of


def phrase(text: str, *, fitted: bool = True) -> tuple[str, str]:
    guard = Guard(vault_of(door_code="4821"))
    phrased = Phrasing(fitted=fitted).take(guard.feed(text) + guard.flush())
    return phrased.spoken, phrased.transcript


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("The door code is 4821.", "The door code is on your screen."),
        ("The code's 4821.", "The code's on your screen."),
        ("Door code: 4821.", "Door code: on your screen."),
        ("Use 4821 at the door.", "Use the door code on your screen at the door."),
        ("Your 4821 is ready.", "Your door code on your screen is ready."),
        ("4821 opens the door.", "The door code on your screen opens the door."),
        ("The code 4821 opens it.", "The code on your screen opens it."),
        ("It is 4821-4821.", "It is on your screen-on your screen."),
    ],
)
def test_the_phrase_fits_its_sentence(text: str, spoken: str) -> None:
    assert phrase(text)[0] == spoken


def test_the_transcript_names_the_secret() -> None:
    assert phrase("It is 4821.")[1] == "It is [door code]."


def test_a_phrase_may_depend_on_the_secret() -> None:
    def tell(secret: SecretDiverted) -> str:
        return f"not shown yet ({secret.label})"

    guard = Guard(vault_of(door_code="4821"))
    phrased = Phrasing(tell).take(guard.feed("It is 4821.") + guard.flush())
    assert phrased.spoken == "It is not shown yet (door code)."


def test_pieces_of_one_value_get_one_phrase() -> None:
    vault = vault_of(long="Quartz-Velvet-7391")
    guard = Guard(vault)
    phrased = Phrasing().take(guard.feed("It is Quartz-VelQuartz-Velvet-7391.") + guard.flush())
    assert phrased.spoken.count("on your screen") == 1
