"""The receiver in Python, twin of the page's: announces a key and takes secrets sealed for it.

It must never take an envelope from anyone but an agent, nor reveal a `once` value before the agent
said that this receiver is the first. The rules are those of docs/wire-protocol.md.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from livekit import rtc

from offmic.delivery.acks import ACK_METHOD, read_answer, write_ack
from offmic.delivery.channel import ATTRIBUTE_KEY, TOPIC_SECRET
from offmic.delivery.envelope import MAX_BODY_BYTES, EnvelopeError, encode_key, read_envelope
from offmic.delivery.outbox import AckState
from offmic.streams import read_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from offmic.delivery.envelope import Envelope

logger = logging.getLogger(__name__)

_ACK_TIMEOUT_S: Final = 5.0
_ACK_TRIES: Final = 3
_LOST: Final = frozenset(
    {
        rtc.RpcError.ErrorCode.CONNECTION_TIMEOUT,
        rtc.RpcError.ErrorCode.RECIPIENT_DISCONNECTED,
        rtc.RpcError.ErrorCode.RESPONSE_TIMEOUT,
        rtc.RpcError.ErrorCode.SEND_FAILED,
    }
)


@dataclass(frozen=True, slots=True)
class SecretReceived:
    """A secret that this receiver may show.

    Args:
        id: names the delivery.
        label: what it is called.
        kind: what sort of secret it is.
        ttl_s: how long it may be shown from its receipt, in seconds.
        once: shown one time and then discarded.
        value: the secret itself.
    """

    id: str
    label: str
    kind: str
    ttl_s: float
    once: bool
    value: str = field(repr=False)


@dataclass(slots=True)
class _Taken:
    """What was made of an id; a `once` value waits here for the agent's word."""

    ack: AckState
    expires_s: float
    waiting: SecretReceived | None = None


class Inbox:
    """The rules of a receiver, without I/O: what to acknowledge and what to show.

    Args:
        clock: seconds of a monotonic clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: dict[str, _Taken] = {}
        self._private_key = X25519PrivateKey.generate()
        self._key = encode_key(self._private_key.public_key())

    @property
    def key(self) -> str:
        """What to announce as `offmic.key`."""
        return self._key

    def take(
        self, body: str, room: str, identity: str
    ) -> tuple[str, AckState, SecretReceived | None] | None:
        """Take one envelope from an agent.

        Args:
            body: the text stream's body.
            room: the name of the room it came in.
            identity: the identity under which this receiver is in that room.

        Returns:
            The id, what to acknowledge, and the secret where it is to be shown now; None where
            the envelope is to be dropped without an answer.
        """
        received_s = self._clock()
        try:
            envelope = read_envelope(body)
        except EnvelopeError:
            return None
        head = envelope.head
        if head.key != self._key:
            return None
        known = self._taken.get(head.id)
        if known is not None:
            return head.id, known.ack, None
        secret = self._open(envelope, room, identity)
        expires_s = received_s + head.ttl_ms / 1000
        ack = AckState.SHOWN if secret is not None else AckState.REJECTED
        if secret is not None and self._clock() >= expires_s:
            ack, secret = AckState.EXPIRED, None
        waiting = secret if secret is not None and secret.once else None
        self._taken[head.id] = _Taken(ack, expires_s, waiting)
        return head.id, ack, None if waiting is not None else secret

    def take_answer(self, payload: str) -> SecretReceived | None:
        """Take the agent's answer; return a `once` secret that may be revealed now, one time."""
        answer = read_answer(payload)
        taken = self._taken.get(answer.id) if answer is not None else None
        if answer is None or taken is None or taken.waiting is None:
            return None
        secret, taken.waiting = taken.waiting, None
        allowed = answer.first and answer.state == AckState.SHOWN
        return secret if allowed and self._clock() < taken.expires_s else None

    def _open(self, envelope: Envelope, room: str, identity: str) -> SecretReceived | None:
        head = envelope.head
        if head.room != room or head.to != identity:
            return None
        try:
            value = envelope.open(self._private_key)
        except EnvelopeError:
            return None
        return SecretReceived(
            head.id, head.label, head.kind, head.ttl_ms / 1000, head.once, value=value
        )


class Receiver:
    """Announces a key in a connected room and yields each secret once.

    The participant has `key` in its token's attributes, or needs `canUpdateOwnMetadata` to announce
    it; and it needs the right to publish data to acknowledge.

    Args:
        room: the room; connected before `start`.
        on_secret: called with each secret, on the event loop.
    """

    def __init__(
        self, room: rtc.Room, on_secret: Callable[[SecretReceived], None] | None = None
    ) -> None:
        self._room = room
        self._on_secret = on_secret
        self._inbox = Inbox()
        self._tasks: set[asyncio.Task[None]] = set()
        self._queue: asyncio.Queue[SecretReceived] = asyncio.Queue()

    @property
    def key(self) -> str:
        """Its `offmic.key`, for a token that binds it."""
        return self._inbox.key

    async def start(self) -> None:
        """Take secrets from now on and announce the key."""
        self._room.register_text_stream_handler(TOPIC_SECRET, self._on_stream)
        self._room.on("reconnected", self._on_reconnected)
        await self._announce()

    async def aclose(self) -> None:
        """Take no more; what was not yet shown is forgotten."""
        self._room.unregister_text_stream_handler(TOPIC_SECRET)
        self._room.off("reconnected", self._on_reconnected)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def __aiter__(self) -> AsyncIterator[SecretReceived]:
        """Yield secrets as they come, without end; for those who gave no `on_secret`."""
        while True:
            yield await self._queue.get()

    async def _announce(self) -> None:
        participant = self._room.local_participant
        # A token that binds the key lets nobody announce one.
        if participant.attributes.get(ATTRIBUTE_KEY) != self.key:
            await participant.set_attributes({ATTRIBUTE_KEY: self.key})

    def _on_reconnected(self) -> None:
        # The same key: the server put it into the token that the client came back with, and the
        # first key of a connection holds.
        self._run(self._announce())

    def _on_stream(self, reader: rtc.TextStreamReader, identity: str) -> None:
        sender = self._room.remote_participants.get(identity)
        if sender is None or sender.kind != rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            reader.close()
            return
        self._run(self._receive(reader, identity))

    async def _receive(self, reader: rtc.TextStreamReader, agent: str) -> None:
        body = await read_text(reader, MAX_BODY_BYTES)
        if body is None:
            return
        taken = self._inbox.take(body, self._room.name, self._room.local_participant.identity)
        if taken is None:
            return
        name, ack, secret = taken
        if secret is not None:
            self._show(secret)
        answer = await self._acknowledge(agent, write_ack(name, ack))
        once = self._inbox.take_answer(answer) if answer is not None else None
        if once is not None:
            self._show(once)

    async def _acknowledge(self, agent: str, payload: str) -> str | None:
        for _ in range(_ACK_TRIES):
            try:
                return await self._room.local_participant.perform_rpc(
                    destination_identity=agent,
                    method=ACK_METHOD,
                    payload=payload,
                    response_timeout=_ACK_TIMEOUT_S,
                )
            except rtc.RpcError as error:
                logger.info("an acknowledgement was not taken: code %d", error.code)
                # A lost answer to a `once` secret is never followed by another envelope.
                if error.code not in _LOST:
                    return None
        return None

    def _show(self, secret: SecretReceived) -> None:
        if self._on_secret is not None:
            self._on_secret(secret)
        else:
            self._queue.put_nowait(secret)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
