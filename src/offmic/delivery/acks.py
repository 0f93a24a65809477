"""Reads acknowledgements and words the answers; it must never repeat what it was sent."""

from __future__ import annotations

import json
from typing import Final

from livekit import rtc

from offmic.delivery.outbox import AckAnswer, AckState

ACK_METHOD: Final = "offmic.ack"
MAX_ACK_BYTES: Final = 1024

MALFORMED: Final = (4000, "malformed acknowledgement")
NOT_YOURS: Final = (4004, "no such delivery")
TOO_LARGE: Final = (4013, "acknowledgement too large")


def read_ack(payload: str) -> tuple[str, AckState]:
    """Return the id and the state of an acknowledgement.

    Raises:
        rtc.RpcError: 4013 above 1 KiB, 4000 for anything but the two fields of the contract.
    """
    if len(payload.encode(errors="replace")) > MAX_ACK_BYTES:
        raise rtc.RpcError(*TOO_LARGE)
    try:
        ack = json.loads(payload)
        # A name of a state that is not a string cannot be looked up, or does not exist.
        state = AckState(ack["state"])
        name = ack["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise rtc.RpcError(*MALFORMED) from None
    if not isinstance(name, str) or len(ack) != 2:
        raise rtc.RpcError(*MALFORMED)
    return name, state


def write_ack(name: str, state: AckState) -> str:
    """Return the payload of an acknowledgement."""
    return json.dumps({"id": name, "state": str(state)})


def write_answer(answer: AckAnswer) -> str:
    """Return the payload of the answer to an acknowledgement."""
    return json.dumps({"id": answer.id, "state": answer.state, "first": answer.first})


def read_answer(payload: str) -> AckAnswer | None:
    """Return the answer to an acknowledgement, or None where it is none."""
    try:
        answer = json.loads(payload)
        name, state, first = answer["id"], answer["state"], answer["first"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not (isinstance(name, str) and isinstance(state, str) and isinstance(first, bool)):
        return None
    return AckAnswer(name, state, first)
