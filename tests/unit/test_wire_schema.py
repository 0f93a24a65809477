"""What the code makes and takes is what docs/wire.schema.json says, and the vectors are too."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from jsonschema import Draft202012Validator

from offmic.delivery.acks import read_ack, write_ack, write_answer
from offmic.delivery.envelope import (
    EnvelopeError,
    Head,
    decode_key,
    encode_key,
    read_envelope,
    seal,
)
from offmic.delivery.outbox import AckState, CallEnded, EnvelopeSent, Parcel
from offmic.secrets import Secret

_ROOT: Final = Path(__file__).resolve().parents[2]
_SCHEMA: Final[dict[str, Any]] = json.loads((_ROOT / "docs/wire.schema.json").read_text())
_ENVELOPES: Final[dict[str, Any]] = json.loads((_ROOT / "tests/vectors/envelopes.json").read_text())
_KEYS: Final[dict[str, Any]] = json.loads((_ROOT / "tests/vectors/keys.json").read_text())
_KIND_NAMES: Final[list[str]] = _SCHEMA["$defs"]["head"]["properties"]["kind"]["enum"]


def _fits(name: str, thing: Any) -> bool:
    """Whether a thing is what the schema's definition of this name says."""
    validator = Draft202012Validator(_SCHEMA | {"$ref": f"#/$defs/{name}"})
    return bool(validator.is_valid(thing))


def _key() -> tuple[X25519PrivateKey, str]:
    private_key = X25519PrivateKey.generate()
    return private_key, encode_key(private_key.public_key())


def _head(key: str, **changes: Any) -> Head:
    parcel = Parcel("ann", once=False, now_s=0.0, ttl_s=60.0, plain_allowed=False)
    head = Head(parcel.id, "lobby", "ann", key, "Wi-Fi password", "password", 60_000, once=False)
    return Head(**(asdict(head) | changes))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(_SCHEMA)


@pytest.mark.parametrize("kind", _KIND_NAMES)
@pytest.mark.parametrize("once", [False, True])
def test_what_is_sealed_fits(kind: str, *, once: bool) -> None:
    private_key, key = _key()
    secret = Secret("correct-horse", "Wi-Fi password", kind)
    body = seal(secret.reveal(), _head(key, kind=str(secret.kind), once=once))
    outer = json.loads(body)
    assert _fits("body", outer)
    assert _fits("head", json.loads(outer["head"]))
    envelope = read_envelope(body)
    assert _fits("plaintext", {"value": envelope.open(private_key)})


@pytest.mark.parametrize("vector", _ENVELOPES["opens"], ids=lambda vector: vector["name"])
def test_the_vectors_that_open_fit(vector: dict[str, Any]) -> None:
    outer = json.loads(vector["body"])
    assert _fits("body", outer)
    assert _fits("head", json.loads(outer["head"]))
    assert _fits("plaintext", {"value": vector["value"]})


@pytest.mark.parametrize("field", list(asdict(_head("A" * 43))))
@pytest.mark.parametrize("wrong", [None, [], {}, 1.5])
def test_what_does_not_fit_as_a_head_is_not_read(field: str, wrong: Any) -> None:
    _, key = _key()
    outer = json.loads(seal("correct-horse", _head(key)))
    head = json.loads(outer["head"])
    head[field] = wrong
    assert not _fits("head", head)
    with pytest.raises(EnvelopeError):
        read_envelope(json.dumps(outer | {"head": json.dumps(head)}))
    del head[field]
    assert not _fits("head", head)
    with pytest.raises(EnvelopeError):
        read_envelope(json.dumps(outer | {"head": json.dumps(head)}))


@pytest.mark.parametrize("key", _KEYS["valid"])
def test_keys_that_are_some_fit(key: str) -> None:
    decode_key(key)
    assert _fits("key", key)


def test_keys_in_a_wrong_spelling_do_not_fit() -> None:
    """The schema knows the spelling, and neither points of low order nor stray bits."""
    unfit = [vector["name"] for vector in _KEYS["invalid"] if not _fits("key", vector["key"])]
    expected = ["empty", "31 bytes", "33 bytes", "padded", "not base64url", "in plain base64"]
    assert unfit == expected


@pytest.mark.parametrize("state", list(AckState))
def test_acknowledgements_fit_and_are_read(state: AckState) -> None:
    payload = write_ack("A" * 22, state)
    assert _fits("ack", json.loads(payload))
    assert read_ack(payload) == ("A" * 22, state)


@pytest.mark.parametrize("state", list(AckState))
@pytest.mark.parametrize("call_over", [False, True])
def test_answers_fit_whatever_the_outcome(state: AckState, *, call_over: bool) -> None:
    parcel = Parcel("ann", once=True, now_s=0.0, ttl_s=60.0, plain_allowed=False)
    parcel.apply(EnvelopeSent("key", 0.0))
    if call_over:
        parcel.apply(CallEnded())
    answer = parcel.acknowledge("key", state, 1.0)
    assert _fits("answer", json.loads(write_answer(answer)))
