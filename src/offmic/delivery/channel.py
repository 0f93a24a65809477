"""Delivers over a LiveKit room; a value must never leave here unsealed, except by `chat` policy.

Values never travel by RPC, attributes or stream attributes: those reach traces and servers.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal

from livekit import rtc

from offmic.delivery.acks import ACK_METHOD, NOT_YOURS, read_ack, write_answer
from offmic.delivery.envelope import EnvelopeError, Head, decode_key, seal
from offmic.delivery.model import Delivery
from offmic.delivery.outbox import (
    CallEnded,
    EnvelopeSent,
    Finish,
    NobodyListened,
    NotAllowed,
    NotYoursError,
    Parcel,
    PlainSent,
    Recipient,
    SealRefused,
    SendPlain,
    SendSealed,
    Wait,
)

if TYPE_CHECKING:
    from offmic.secrets import Secret

MayReceive = Callable[[rtc.RemoteParticipant, "Secret"], Awaitable[bool]]
"""Whether this participant may have this secret; asked again before each sending."""

logger = logging.getLogger(__name__)

TOPIC_SECRET: Final = "offmic.secret"  # noqa: S105 - the name of a topic
TOPIC_CHAT: Final = "lk.chat"
_MAY_RECEIVE_S: Final = 5.0
ATTRIBUTE_KEY: Final = "offmic.key"


class RoomChannel:
    """Delivers to the receiver of the participant who asked, sealed and acknowledged.

    Args:
        room: the connected room; it needs the right to publish data.
        addressee: returns the identity of the participant who is listened to, or None.
        plain_clients: what a participant without a receiver gets: nothing (`refuse`), or the
            value unsealed on `lk.chat`, to it alone (`chat`).
        may_receive: the application's word on who may have what; everyone who asks without it.
        require_bound_key: send nothing, sealed or not, to a participant who may change its own
            attributes: its key is not the one that its token names.
    """

    def __init__(
        self,
        room: rtc.Room,
        addressee: Callable[[], str | None],
        *,
        plain_clients: Literal["refuse", "chat"],
        may_receive: MayReceive | None = None,
        require_bound_key: bool = False,
    ) -> None:
        self._require_bound_key = require_bound_key
        self._may_receive = may_receive
        self._room = room
        self._addressee = addressee
        self._plain_allowed = plain_clients == "chat"
        self._parcels: dict[str, Parcel] = {}
        self._open: dict[str, Delivery] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wakes: dict[str, asyncio.Event] = {}
        # By participant sid: the first valid key of a connection holds.
        self._keys: dict[str, str] = {}
        self._seen_s: dict[str, float] = {}
        self._publishers: set[str] = set()
        self._closed = False
        for participant in room.remote_participants.values():
            self._note_key(participant)
            if participant.track_publications:
                self._publishers.add(participant.sid)
        room.on("track_published", self._on_published)
        room.on("participant_connected", self._on_participant)
        room.on("participant_disconnected", self._on_left)
        room.on("participant_attributes_changed", self._on_attributes)
        room.local_participant.register_rpc_method(ACK_METHOD, self._on_ack)

    def deliver(self, secret: Secret) -> Delivery:
        """Start to deliver in the background; see `Channel`."""
        identity = self._addressee()
        parcel = Parcel(
            identity or "",
            once=secret.once,
            now_s=time.monotonic(),
            ttl_s=secret.ttl_s,
            plain_allowed=self._plain_allowed,
        )
        if self._closed:
            parcel.apply(CallEnded())
        elif not identity:
            parcel.apply(NobodyListened())
        delivery = Delivery(secret, parcel)
        if not delivery.final:
            self._parcels[parcel.id] = parcel
            self._open[parcel.id] = delivery
            self._wakes[parcel.id] = asyncio.Event()
            task = asyncio.get_running_loop().create_task(self._carry(parcel, delivery, secret))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return delivery

    async def aclose(self) -> None:
        """End all that is open as failed (`call_over`); a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._room.off("track_published", self._on_published)
        self._room.off("participant_connected", self._on_participant)
        self._room.off("participant_disconnected", self._on_left)
        self._room.off("participant_attributes_changed", self._on_attributes)
        self._room.local_participant.unregister_rpc_method(ACK_METHOD)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for name, delivery in tuple(self._open.items()):
            self._parcels[name].apply(CallEnded())
            delivery.refresh()
        self._open.clear()
        self._parcels.clear()

    async def _carry(self, parcel: Parcel, delivery: Delivery, secret: Secret) -> None:
        """Bring one secret to its end; its value is held here and nowhere else in this channel."""
        wake = self._wakes[parcel.id]
        try:
            while True:
                wake.clear()
                now_s = time.monotonic()
                step = parcel.step(now_s, self._recipient(parcel.identity))
                if isinstance(step, SendSealed | SendPlain) and not await self._allows(
                    parcel.identity, secret
                ):
                    parcel.apply(NotAllowed())
                    return
                match step:
                    case SendSealed(key=key, ttl_ms=ttl_ms):
                        await self._send_sealed(parcel, secret, key, ttl_ms)
                    case SendPlain():
                        await self._send_plain(parcel, secret)
                    case Wait(until_s=until_s):
                        with suppress(TimeoutError):
                            async with asyncio.timeout(until_s - now_s):
                                await wake.wait()
                    case Finish():
                        return
                delivery.refresh()
        finally:
            delivery.refresh()
            self._wakes.pop(parcel.id, None)
            if parcel.final:
                self._open.pop(parcel.id, None)

    async def _allows(self, identity: str, secret: Secret) -> bool:
        if self._may_receive is None:
            return True
        participant = self._room.remote_participants.get(identity)
        if participant is None:
            return False
        try:
            async with asyncio.timeout(_MAY_RECEIVE_S):
                return await self._may_receive(participant, secret)
        except Exception as error:  # noqa: BLE001 - the application's own; unsure means no
            # Its type alone: the error may quote what it was asked about.
            name = type(error).__name__
            logger.error("may_receive failed, nothing is sent", extra={"error": name})  # noqa: TRY400
            return False

    async def _send_sealed(self, parcel: Parcel, secret: Secret, key: str, ttl_ms: int) -> None:
        head = Head(
            id=parcel.id,
            room=self._room.name,
            to=parcel.identity,
            key=key,
            label=secret.label,
            kind=str(secret.kind),
            ttl_ms=ttl_ms,
            once=secret.once,
        )
        try:
            body = seal(secret.reveal(), head)
        except EnvelopeError:
            logger.warning("a secret does not fit into an envelope and was not sent")
            parcel.apply(SealRefused())
            return
        # Before it leaves: the acknowledgement may be here before the sending returns.
        parcel.apply(EnvelopeSent(key, time.monotonic()))
        await self._send(body, TOPIC_SECRET, parcel.identity)

    async def _send_plain(self, parcel: Parcel, secret: Secret) -> None:
        parcel.apply(PlainSent())
        await self._send(f"{secret.label}: {secret.reveal()}", TOPIC_CHAT, parcel.identity)

    async def _send(self, text: str, topic: str, identity: str) -> None:
        try:
            await self._room.local_participant.send_text(
                text, topic=topic, destination_identities=[identity]
            )
        except rtc.StreamError:
            # Its time goes on; an envelope is sent again.
            logger.warning("a text stream could not be sent")

    async def _on_ack(self, call: rtc.RpcInvocationData) -> str:
        name, state = read_ack(call.payload)
        parcel = self._parcels.get(name)
        recipient = self._recipient(call.caller_identity)
        if parcel is None or recipient is None or parcel.identity != call.caller_identity:
            raise rtc.RpcError(*NOT_YOURS)
        try:
            answer = parcel.acknowledge(recipient.key, state, time.monotonic())
        except NotYoursError:
            raise rtc.RpcError(*NOT_YOURS) from None
        if (delivery := self._open.get(parcel.id)) is not None:
            delivery.refresh()
        self._wake(parcel.id)
        return write_answer(answer)

    def _recipient(self, identity: str) -> Recipient | None:
        participant = self._room.remote_participants.get(identity)
        if participant is None:
            return None
        self._note_key(participant)
        since_s = self._seen_s[participant.sid]
        is_bound = _has_bound_key(participant)
        if self._require_bound_key and not is_bound:
            return Recipient(None, since_s, bound=False)
        return Recipient(self._keys.get(participant.sid), since_s, named=is_bound)

    def _note_key(self, participant: rtc.RemoteParticipant) -> None:
        self._seen_s.setdefault(participant.sid, time.monotonic())
        announced = participant.attributes.get(ATTRIBUTE_KEY)
        if announced is None or participant.sid in self._keys:
            return
        try:
            decode_key(announced)
        except EnvelopeError:
            return
        self._keys[participant.sid] = announced

    def _on_participant(self, participant: rtc.RemoteParticipant) -> None:
        self._note_key(participant)
        self._wake_for(participant.identity)

    def _on_published(self, _: rtc.RemoteTrackPublication, one: rtc.RemoteParticipant) -> None:
        self._publishers.add(one.sid)

    def _on_left(self, participant: rtc.RemoteParticipant) -> None:
        # The server says at once why one who publishes has gone, unless the next one of its name,
        # its own second tab or somebody else, threw it out. Of others it never says so.
        if participant.sid in self._publishers and participant.disconnect_reason is None:
            for parcel in self._of(participant.identity):
                parcel.displace()
        self._publishers.discard(participant.sid)
        self._keys.pop(participant.sid, None)
        self._seen_s.pop(participant.sid, None)
        self._wake_for(participant.identity)

    def _on_attributes(self, changed: dict[str, str], participant: rtc.Participant) -> None:
        if ATTRIBUTE_KEY in changed and isinstance(participant, rtc.RemoteParticipant):
            self._on_participant(participant)

    def _wake_for(self, identity: str) -> None:
        for parcel in self._of(identity):
            self._wake(parcel.id)

    def _of(self, identity: str) -> list[Parcel]:
        return [parcel for parcel in self._parcels.values() if parcel.identity == identity]

    def _wake(self, name: str) -> None:
        if (wake := self._wakes.get(name)) is not None:
            wake.set()


def _has_bound_key(participant: rtc.RemoteParticipant) -> bool:
    allowed = participant.permissions
    # Permissions that are not known read as none at all: nobody can acknowledge with those.
    return allowed.can_publish_data and not allowed.can_update_metadata
