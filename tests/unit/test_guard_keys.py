"""Keys, tokens and numbers with check characters are found by their shape."""

from __future__ import annotations

import pytest

from offmic.guard import Guard, Policy, Treatment, Via
from offmic.secrets import Kind
from tests.fakes.guarding import hear, say, vault_of

BODY = "Zk4vQ9mT2xL8bN6cR1yW5"
ARMOUR = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (f"ghp_{BODY}", Kind.API_KEY),
        (f"sk-{BODY}", Kind.API_KEY),
        (f"xoxb-1234-{BODY}", Kind.API_KEY),
        ("AKIA2E0A8F3B244C9986", Kind.API_KEY),
        (f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{BODY}", Kind.API_KEY),
        ("12f9ab34cd56ef7890ab12cd34ef5678", Kind.API_KEY),
        ("DE89370400440532013000", Kind.IBAN),
        ("S2740116C", Kind.GOV_ID),
        ("G-830829", Kind.OTP),
        (ARMOUR, Kind.PRIVATE_KEY),
    ],
)
def test_a_key_is_found_by_its_shape(value: str, kind: Kind) -> None:
    heard = say(f"Here: {value} and more.")
    assert [(d.value, d.kind, d.via) for d in heard.diverted] == [(value, kind, Via.PATTERN)]
    assert heard.spoken == "Here: on your screen and more."


def test_numbers_in_groups_are_found() -> None:
    assert say("It is GB82 WEST 1234 5698 7654 32.").values == ["GB82WEST12345698765432"]
    assert say("It is AB 12 34 56 C.").values == ["AB123456C"]


def test_the_password_of_a_connection_string_is_found() -> None:
    assert say("postgres://bob:s3cr3t!x@db.example.com/x").spoken == (
        "postgres://bob:on your screen@db.example.com/x"
    )


def test_a_private_key_without_its_end_is_not_said() -> None:
    assert say("-----BEGIN PRIVATE KEY-----\nMIIEow").spoken == "on your screen"


@pytest.mark.parametrize(
    "text",
    [
        "See https://example.com/docs/2024/11/05/release-notes for details.",
        "The model is WH-1000XM4, the plate 7ABC123.",
        "The id is 123e4567-e89b-12d3-a456-426614174000.",
        "DE is Germany, and GB 12 was the group.",
        "I skipped the skiing; keyboards and hockey are fine.",
        "S2740116D is not right, nor is DE88370400440532013000 here.",
    ],
)
def test_what_only_looks_alike_passes(text: str) -> None:
    assert say(text).spoken == text


def test_a_policy_says_or_shortens_what_it_names_and_never_the_vault() -> None:
    text = "Card 4111 1111 1111 1111, PIN 4821."
    said = Policy({Kind.CARD: Treatment.LAST_FOUR, Kind.CODE: Treatment.SAY})
    assert hear(Guard(vault_of(), policy=said), [text]).spoken == "Card ending in 1111, PIN 4821."
    known = hear(Guard(vault_of(pin="4821"), policy=said), [text])
    assert known.spoken == "Card ending in 1111, PIN on your screen."
