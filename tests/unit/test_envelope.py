"""The envelope: what opens, what does not, and that nothing of it shows."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from offmic.delivery.envelope import (
    EnvelopeError,
    Head,
    decode_base64url,
    decode_key,
    encode_key,
    read_envelope,
    seal,
)

_VECTORS: Final = Path(__file__).parents[1] / "vectors"
_ENVELOPES: Final[dict[str, Any]] = json.loads((_VECTORS / "envelopes.json").read_text())
_KEYS: Final[dict[str, Any]] = json.loads((_VECTORS / "keys.json").read_text())
_PRIVATE: Final = X25519PrivateKey.from_private_bytes(
    decode_base64url(_ENVELOPES["recipient"]["private_key"])
)


def _head(**changes: Any) -> Head:
    fields: dict[str, Any] = {
        "id": "AAAAAAAAAAAAAAAAAAAAAA",
        "room": "lobby",
        "to": "ann",
        "key": encode_key(_PRIVATE.public_key()),
        "label": "Wi-Fi password",
        "kind": "password",
        "ttl_ms": 120_000,
        "once": False,
    }
    return Head(**(fields | changes))


def _by_name(vectors: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", vectors, ids=[v["name"] for v in vectors])


@_by_name(_ENVELOPES["opens"])
def test_a_sealed_value_opens_for_its_key(vector: dict[str, Any]) -> None:
    envelope = read_envelope(vector["body"])
    assert asdict(envelope.head) == vector["head"]
    assert envelope.open(_PRIVATE) == vector["value"]


@_by_name(_ENVELOPES["does_not_open"])
def test_what_was_changed_or_is_for_another_does_not_open(vector: dict[str, Any]) -> None:
    envelope = read_envelope(vector["body"])
    with pytest.raises(EnvelopeError):
        envelope.open(_PRIVATE)


@_by_name(_ENVELOPES["malformed"])
def test_what_is_no_envelope_is_not_read(vector: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        read_envelope(vector["body"])


@pytest.mark.parametrize("key", _KEYS["valid"])
def test_a_key_is_read_back_as_it_was_announced(key: str) -> None:
    assert encode_key(decode_key(key)) == key


@_by_name(_KEYS["invalid"])
def test_a_key_of_wrong_length_or_low_order_is_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(EnvelopeError):
        decode_key(vector["key"])
    with pytest.raises(EnvelopeError):
        seal("hunter2!", _head(key=vector["key"]))


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    body = seal("correct-horse-battery", _head())
    envelope = read_envelope(body)
    assert envelope.open(_PRIVATE) == "correct-horse-battery"
    assert "correct-horse" not in body
    assert "correct-horse" not in repr(envelope)


def test_a_value_is_padded_so_that_its_length_does_not_show() -> None:
    lengths = {len(read_envelope(seal("x" * n, _head())).sealed) for n in (1, 40, 240)}
    assert lengths == {32 + 256 + 16}


def test_two_envelopes_of_one_value_differ() -> None:
    assert seal("hunter2!", _head()) != seal("hunter2!", _head())


@pytest.mark.parametrize(
    "value", ["x" * 8193, "\0" * 8192, "\ud800"], ids=["long", "long when escaped", "no Unicode"]
)
def test_a_value_that_does_not_fit_is_refused_without_being_quoted(value: str) -> None:
    with pytest.raises(EnvelopeError) as refused:
        seal(value, _head())
    assert value[:4] not in str(refused.value)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_a_label_that_does_not_fit_is_refused() -> None:
    with pytest.raises(EnvelopeError):
        seal("hunter2!", _head(label="x" * 16_384))
