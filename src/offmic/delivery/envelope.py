"""Seals a value for one key and opens it again; it must never put a value where it is not sealed.

The format is fixed in docs/wire-protocol.md: HPKE (RFC 9180) in base mode with DHKEM(X25519,
HKDF-SHA256), HKDF-SHA256 and AES-128-GCM. Nothing here does I/O.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from offmic.errors import OffmicError

MAX_BODY_BYTES: Final = 16 * 1024
MAX_VALUE_BYTES: Final = 8 * 1024

_KEY_BYTES: Final = 32
_BLOCK_BYTES: Final = 256
_VERSION: Final = 1
_INFO_PREFIX: Final = b"offmic/1\n"
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
# Its only use is to find points of low order: with those every exchange is all zeros.
_PROBE: Final = X25519PrivateKey.generate()
_HEAD_FIELDS: Final[dict[str, type]] = {
    "id": str,
    "room": str,
    "to": str,
    "key": str,
    "label": str,
    "kind": str,
    "ttl_ms": int,
    "once": bool,
}


class EnvelopeError(OffmicError):
    """An envelope cannot be made, read or opened; the message never repeats any of it."""


@dataclass(frozen=True, slots=True)
class Head:
    """What travels beside the sealed value, readable by the SFU and bound to the seal.

    Args:
        id: names the delivery, 128 random bits, base64url.
        room: the room's name.
        to: the recipient's identity.
        key: the recipient's `offmic.key`.
        label: what the secret is called.
        kind: what sort of secret it is.
        ttl_ms: how long it may still be shown, in milliseconds from its receipt.
        once: shown one time, and only after the sender said so.
    """

    id: str
    room: str
    to: str
    key: str
    label: str
    kind: str
    ttl_ms: int
    once: bool


@dataclass(frozen=True, slots=True)
class Envelope:
    """One envelope as it travels: its head, the head's exact characters, and what is sealed."""

    head: Head
    head_text: str = field(repr=False)
    sealed: bytes = field(repr=False)

    def open(self, private_key: X25519PrivateKey) -> str:
        """Return the value.

        Args:
            private_key: the one whose public half stands in the head.

        Raises:
            EnvelopeError: it was sealed for another key, was changed, or holds no value.
        """
        try:
            padded = _SUITE.decrypt(self.sealed, private_key, info=_info(self.head_text))
        except (InvalidTag, ValueError):
            raise EnvelopeError(
                "the envelope does not open: changed, or sealed for another key"
            ) from None
        content = _load_object(padded)
        value = content.get("value")
        if not isinstance(value, str) or len(content) != 1 or _size(value) > MAX_VALUE_BYTES:
            raise EnvelopeError('the envelope opened, but does not hold one "value"')
        return value


def encode_key(key: X25519PublicKey) -> str:
    """Return a public key as the attribute `offmic.key` carries it."""
    return encode_base64url(key.public_bytes_raw())


def decode_key(text: str) -> X25519PublicKey:
    """Return the public key that an attribute `offmic.key` announces.

    Raises:
        EnvelopeError: not base64url, not 32 bytes, or of low order (RFC 7748, section 6.1).
    """
    raw = decode_base64url(text)
    if len(raw) != _KEY_BYTES:
        raise EnvelopeError(f"a key has {_KEY_BYTES} bytes")
    key = X25519PublicKey.from_public_bytes(raw)
    try:
        _PROBE.exchange(key)
    except ValueError:
        raise EnvelopeError("a key of low order keeps nothing secret") from None
    return key


def seal(value: str, head: Head) -> str:
    """Return the body of the text stream that carries a value to the key in its head.

    Raises:
        EnvelopeError: the key is no receiver's, the value is above 8 KiB or the body above 16 KiB.
    """
    if _size(value) > MAX_VALUE_BYTES:
        raise EnvelopeError(f"a value may have {MAX_VALUE_BYTES} bytes")
    key = decode_key(head.key)
    head_text = json.dumps(
        {name: getattr(head, name) for name in _HEAD_FIELDS},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    sealed = _SUITE.encrypt(_pad(value), key, info=_info(head_text))
    body = json.dumps(
        {"v": _VERSION, "head": head_text, "sealed": encode_base64url(sealed)},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    if _size(body) > MAX_BODY_BYTES:
        raise EnvelopeError(f"an envelope may have {MAX_BODY_BYTES} bytes")
    return body


def read_envelope(body: str) -> Envelope:
    """Read a body without opening it.

    Raises:
        EnvelopeError: too large, or not the format of version 1.
    """
    if _size(body) > MAX_BODY_BYTES:
        raise EnvelopeError(f"an envelope may have {MAX_BODY_BYTES} bytes")
    outer = _load_object(body)
    head_text, sealed = outer.get("head"), outer.get("sealed")
    version = outer.get("v")
    if type(version) is not int or version != _VERSION:
        raise EnvelopeError(f"an envelope of another version than {_VERSION}")
    if not isinstance(head_text, str) or not isinstance(sealed, str):
        raise EnvelopeError('an envelope carries "head" and "sealed" as strings')
    fields = _load_object(head_text)
    for name, kind in _HEAD_FIELDS.items():
        # By exact type, since True is an int as well.
        if type(fields.get(name)) is not kind:
            raise EnvelopeError(f'the head lacks "{name}", or it has the wrong type')
    head = Head(**{name: fields[name] for name in _HEAD_FIELDS})
    return Envelope(head, head_text, decode_base64url(sealed))


def encode_base64url(raw: bytes) -> str:
    """Return base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Return the bytes of base64url without padding, in its one canonical spelling.

    Raises:
        EnvelopeError: any other spelling.
    """
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    # The decoder skips foreign characters and stray bits; only one spelling is accepted.
    if encode_base64url(raw) != text:
        raise EnvelopeError("not base64url without padding")
    return raw


def _pad(value: str) -> bytes:
    plain = json.dumps({"value": value}, ensure_ascii=False, separators=(",", ":")).encode()
    return plain + b" " * (-len(plain) % _BLOCK_BYTES)


def _info(head_text: str) -> bytes:
    try:
        return _INFO_PREFIX + head_text.encode()
    except UnicodeEncodeError:
        raise EnvelopeError("the head is not valid Unicode") from None


def _size(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise EnvelopeError("the text is not valid Unicode") from None


def _load_object(text: str | bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        raise EnvelopeError("not JSON") from None
    if not isinstance(loaded, dict):
        raise EnvelopeError("not a JSON object")
    return loaded
