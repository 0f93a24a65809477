"""Decides what becomes of each secret that is on its way; it must never see a value or do I/O.

The whole life of a delivery stands in `TRANSITIONS`. Time is passed in, in seconds of a monotonic
clock. `Parcel.step` says what to do now; what was done is told to `Parcel.apply`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

FIRST_RESEND_S: Final = 2.0
NEXT_RESEND_S: Final = 4.0
NO_RECEIVER_AFTER_S: Final = 3.0
_ID_BYTES: Final = 16


class DeliveryState(StrEnum):
    """How far a secret came; `QUEUED` and `SENT` are the two that can still change."""

    QUEUED = "queued"
    SENT = "sent"
    SHOWN = "shown"
    EXPIRED = "expired"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"


class AckState(StrEnum):
    """What a receiver may say about an envelope."""

    SHOWN = "shown"
    EXPIRED = "expired"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class EnvelopeSent:
    """An envelope for this key was handed to the room."""

    key: str
    at_s: float


@dataclass(frozen=True, slots=True)
class PlainSent:
    """The value went to a client without a receiver, which cannot acknowledge it."""


@dataclass(frozen=True, slots=True)
class ShownAcknowledged:
    """The receiver with this key opened it and has its card on the screen."""

    key: str


@dataclass(frozen=True, slots=True)
class ExpiredAcknowledged:
    """The receiver with this key got it too late to show it."""

    key: str


@dataclass(frozen=True, slots=True)
class RejectedAcknowledged:
    """The receiver with this key could not open it, or it was not meant for it."""

    key: str


@dataclass(frozen=True, slots=True)
class TimeOver:
    """The secret's own time has passed."""


@dataclass(frozen=True, slots=True)
class NoReceiverFound:
    """The recipient is in the room and has announced no key in time."""


@dataclass(frozen=True, slots=True)
class KeyNotBound:
    """The recipient may put any key in the place of its own, and that is not allowed."""


@dataclass(frozen=True, slots=True)
class NobodyListened:
    """There is no participant who could have asked."""


@dataclass(frozen=True, slots=True)
class SealRefused:
    """It does not fit into an envelope."""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The application says that this participant may not have it."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """More secrets than a caller may ask for in a minute."""


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The call is over."""


Acknowledged: TypeAlias = ShownAcknowledged | ExpiredAcknowledged | RejectedAcknowledged
Failure: TypeAlias = (
    NoReceiverFound | KeyNotBound | NobodyListened | SealRefused | NotAllowed | TooMany | CallEnded
)
Event: TypeAlias = EnvelopeSent | PlainSent | Acknowledged | TimeOver | Failure

TRANSITIONS: Final[dict[DeliveryState, dict[type[Event], DeliveryState]]] = {
    DeliveryState.QUEUED: {
        EnvelopeSent: DeliveryState.SENT,
        PlainSent: DeliveryState.UNCONFIRMED,
        TimeOver: DeliveryState.EXPIRED,
        NoReceiverFound: DeliveryState.FAILED,
        KeyNotBound: DeliveryState.FAILED,
        NobodyListened: DeliveryState.FAILED,
        SealRefused: DeliveryState.FAILED,
        NotAllowed: DeliveryState.FAILED,
        TooMany: DeliveryState.FAILED,
        CallEnded: DeliveryState.FAILED,
    },
    DeliveryState.SENT: {
        EnvelopeSent: DeliveryState.SENT,
        ShownAcknowledged: DeliveryState.SHOWN,
        ExpiredAcknowledged: DeliveryState.EXPIRED,
        RejectedAcknowledged: DeliveryState.FAILED,
        TimeOver: DeliveryState.EXPIRED,
        NotAllowed: DeliveryState.FAILED,
        CallEnded: DeliveryState.FAILED,
    },
    # Shown again to the same identity on another connection: the outcome stays.
    DeliveryState.SHOWN: {EnvelopeSent: DeliveryState.SHOWN},
    DeliveryState.EXPIRED: {},
    DeliveryState.FAILED: {},
    DeliveryState.UNCONFIRMED: {},
}
"""Every change there is; an event that a state does not list changes nothing."""

REASONS: Final[dict[type[Event], str]] = {
    NoReceiverFound: "no_receiver",
    KeyNotBound: "not_bound",
    NobodyListened: "nobody",
    SealRefused: "rejected",
    RejectedAcknowledged: "rejected",
    NotAllowed: "not_allowed",
    TooMany: "too_many",
    CallEnded: "call_over",
}
"""The word that tells why a delivery failed."""

_OPEN: Final = frozenset({DeliveryState.QUEUED, DeliveryState.SENT})
_EVENT_OF: Final[dict[AckState, type[Acknowledged]]] = {
    AckState.SHOWN: ShownAcknowledged,
    AckState.EXPIRED: ExpiredAcknowledged,
    AckState.REJECTED: RejectedAcknowledged,
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """The addressee as the room shows it now.

    Args:
        key: its `offmic.key`, or None while it has announced none that may be used.
        since_s: when its connection was first seen, in seconds of a monotonic clock; None where
            that is not known.
        bound: its key is its token's, or nobody asks for that.
        named: its token names its key, so whoever holds the key is who the token is for.
    """

    key: str | None
    since_s: float | None = None
    bound: bool = True
    named: bool = False


@dataclass(frozen=True, slots=True)
class SendSealed:
    """Seal it for this key and send it now."""

    key: str
    ttl_ms: int


@dataclass(frozen=True, slots=True)
class SendPlain:
    """Send it unsealed now, to that participant alone."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before this time or a change in the room."""

    until_s: float


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing will ever have to be done again."""


Step: TypeAlias = SendSealed | SendPlain | Wait | Finish


@dataclass(frozen=True, slots=True)
class AckAnswer:
    """What a receiver is told: the final word, and whether its own key was the first."""

    id: str
    state: str
    first: bool


class NotYoursError(Exception):
    """No such delivery for this key; an unknown one and another's cannot be told apart."""


@dataclass(slots=True)
class _Attempt:
    key: str
    next_s: float
    acknowledged: bool = False


@dataclass(slots=True)
class Parcel:
    """One secret on its way to one identity.

    Args:
        identity: who asked for it.
        once: shown one time, to one connection.
        now_s: when the guard diverted it, in seconds of a monotonic clock.
        ttl_s: how long it lasts from then on, in seconds.
        plain_allowed: a client without a receiver gets it unsealed.
    """

    identity: str
    once: bool
    now_s: float
    ttl_s: float
    plain_allowed: bool
    id: str = field(
        default_factory=lambda: secrets.token_urlsafe(_ID_BYTES)  # 128 random bits
    )
    state: DeliveryState = DeliveryState.QUEUED
    reason: str = ""
    _attempt: _Attempt | None = None
    _keys: set[str] = field(default_factory=set)
    _present_since_s: float | None = None
    _settled_by: str | None = None
    _displaced: bool = False

    @property
    def final(self) -> bool:
        """Whether the outcome is known; it never changes afterwards."""
        return self.state not in _OPEN

    def step(self, now_s: float, recipient: Recipient | None) -> Step:
        """Say what to do now.

        Args:
            now_s: the time, in seconds of the same clock.
            recipient: the addressee, or None while it is not in the room.
        """
        end_s = self.now_s + self.ttl_s
        ttl_ms = int((end_s - now_s) * 1000)
        if ttl_ms < 1:
            self.apply(TimeOver())
        if self.final and (self.state is not DeliveryState.SHOWN or self.once or ttl_ms < 1):
            return Finish()
        if recipient is None:
            self._present_since_s = None
            return Wait(end_s)
        if self._present_since_s is None:
            self._present_since_s = now_s if recipient.since_s is None else recipient.since_s
        if recipient.key is None:
            return self._without_key(now_s, end_s, bound=recipient.bound)
        attempt = self._attempt
        if attempt is None or attempt.key != recipient.key:
            if self.state is DeliveryState.SHOWN and self._displaced and not recipient.named:
                return Wait(end_s)
            return SendSealed(recipient.key, ttl_ms)
        if attempt.acknowledged:
            return Wait(end_s)
        if now_s >= attempt.next_s:
            return SendSealed(recipient.key, ttl_ms)
        return Wait(min(end_s, attempt.next_s))

    def apply(self, event: Event) -> bool:
        """Take in what happened; return whether the state's table knows it."""
        target = TRANSITIONS[self.state].get(type(event))
        if target is None:
            return False
        if target is DeliveryState.FAILED:
            self.reason = REASONS[type(event)]
        if isinstance(event, EnvelopeSent):
            self._sent(event)
        elif isinstance(event, Acknowledged):
            self._settled_by = event.key
        self.state = target
        return True

    def displace(self) -> None:
        """Take in that the connection that has it was thrown out by another one of its name.

        What was shown by then is shown again only to a key that a token names: the other one may
        be somebody else, who gets what is not yet acknowledged.
        """
        self._displaced = self._displaced or self.state is DeliveryState.SHOWN

    def acknowledge(self, key: str | None, state: AckState, now_s: float) -> AckAnswer:
        """Take a receiver's word for this delivery; one that comes after its time is too late.

        Args:
            key: the key of the connection that calls, None where it announced none.
            state: what it says.
            now_s: the time, in seconds of the same clock.

        Raises:
            NotYoursError: nothing was ever sealed for this key.
        """
        if key is None or key not in self._keys:
            raise NotYoursError
        if now_s >= self.now_s + self.ttl_s:
            self.apply(TimeOver())
        self.apply(_EVENT_OF[state](key))
        if self._attempt is not None and self._attempt.key == key:
            self._attempt.acknowledged = True
        word = AckState.REJECTED if self.reason == "rejected" else self.state
        return AckAnswer(self.id, str(word), first=self._settled_by == key)

    def _without_key(self, now_s: float, end_s: float, *, bound: bool) -> Step:
        if self.state is not DeliveryState.QUEUED or self._present_since_s is None:
            return Wait(end_s)
        patience_s = self._present_since_s + NO_RECEIVER_AFTER_S
        if now_s < patience_s:
            return Wait(min(end_s, patience_s))
        if self.plain_allowed and bound:
            return SendPlain()
        self.apply(NoReceiverFound() if bound else KeyNotBound())
        return Finish()

    def _sent(self, event: EnvelopeSent) -> None:
        again = self._attempt is not None and self._attempt.key == event.key
        wait_s = NEXT_RESEND_S if again else FIRST_RESEND_S
        self._attempt = _Attempt(event.key, event.at_s + wait_s)
        self._keys.add(event.key)
