"""Every way to cut a sentence in up to three parts gives what the whole sentence gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chunk_invariance import ChunkInvarianceError, assert_chunk_invariant

from offmic.guard import Guard, Said
from tests.fakes.guarding import vault_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from offmic.guard import Segment

VAULT = vault_of(door_code="4821", wifi="summer-2024", login="hunter2", phrase="correct horse")
TEXTS = (
    "Your door code is forty-eight twenty-one, good night.",
    "Wi-Fi: S u m m e r dash 2024, and anything else?",
    "hunter two, I mean h as in hotel, unter2.",
    "The card is 4111 1111 1111 1111, expiring soon.",
    "Your new password is Tiger!Lily7 from now on.",
    'It is <secret label="PIN">12345</secret>, all right?',
    "512665 is your code; take {{secret:door-code.abcdefgh}}.",
    "Correct, horse riding is at ten on the second floor.",
    "AKIAIOSFODNN7EXAMPLE is a key, 078-05-1120 is not.",
)
PARTS = 3


def shown(segments: Iterable[Segment]) -> str:
    return "".join(s.text if isinstance(s, Said) else f"<{s!r} {s.value}>" for s in segments)


def streamed(chunks: Iterable[str]) -> Iterator[str]:
    guard = Guard(VAULT)
    for chunk in chunks:
        yield shown(guard.feed(chunk))
    yield shown(guard.flush())


def whole(text: str) -> str:
    return "".join(streamed([text]))


def forgetful(chunks: Iterable[str]) -> Iterator[str]:
    """What must fail: a guard that is flushed after each chunk."""
    guard = Guard(VAULT)
    for chunk in chunks:
        yield shown([*guard.feed(chunk), *guard.flush()])


@pytest.mark.parametrize("text", TEXTS)
def test_every_split_says_the_same(text: str) -> None:
    assert assert_chunk_invariant(streamed, whole, text, splits=PARTS) > len(text)


def test_the_check_can_fail() -> None:
    with pytest.raises(ChunkInvarianceError):
        assert_chunk_invariant(forgetful, whole, TEXTS[0], splits=2)
