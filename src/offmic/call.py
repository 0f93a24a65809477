"""One call: its vault, its way to the caller's screen, and what it may look up.

A call must never share its vault with another one; whatever belongs to it ends with it.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from offmic.backchannel import words_of
from offmic.delivery import DeliveryState, refuse
from offmic.delivery.outbox import NobodyListened, TooMany
from offmic.endpointing import Patience
from offmic.guard import Direction, Guard
from offmic.hearing import Hearing
from offmic.inbound import History
from offmic.limit import DiversionLimit
from offmic.playout import Voices
from offmic.retention import Retention
from offmic.secrets import Secret, Vault
from offmic.sight import Spent, WatchedGuard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from offmic.delivery import Channel, Delivery
    from offmic.guard import Guard
    from offmic.secrets.sources import Record, SecretsFile

_KEPT: Final = 16
"""Of the newest turns; the voice and the transcript of one turn run side by side."""


class Call:
    """What every agent of a call shares, handoffs included.

    Args:
        secrets: the file of secrets that the assistant may look up.
        secret_ttl_s: how long a secret may be shown that names no time of its own, in seconds.
        resumed: whether another agent served this call before; nothing of its vault is here.
    """

    def __init__(self, secrets: SecretsFile, secret_ttl_s: float, *, resumed: bool = False) -> None:
        self.vault = Vault()
        self.resumed = resumed
        self.secret_ttl_s = secret_ttl_s
        self._secrets = secrets
        self._channel: Channel | None = None
        self._listen_to: Callable[[str], None] | None = None
        self.limit = DiversionLimit()
        self.history = History(self.vault)
        self.patience = Patience()
        self.names = words_of(text for r in secrets.records for text in (r.label, *r.aliases))
        """Words of what may be asked for."""
        self.voices = Voices()
        self.spent = Spent()
        self.hearing = Hearing(self.vault, WatchedGuard(self.vault, self.spent, Direction.IN))
        self._guards: dict[str, Guard] = {}
        self._delivered: OrderedDict[tuple[str, str], Delivery] = OrderedDict()
        self._owed: list[Delivery] = []
        self._news: OrderedDict[str, list[Delivery]] = OrderedDict()
        self._retention = Retention(self.vault, self._drop_delivered)
        self.vault.enter()
        # The guard knows every value of the file from the first word on, asked for or not.
        self._by_name = {record.name: self._make(record) for record in secrets.records}
        for secret in self._by_name.values():
            self.vault.keep(secret)

    def connect(self, channel: Channel, listen_to: Callable[[str], None] | None = None) -> None:
        """Say how secrets reach the participant who asked.

        Args:
            channel: the way there.
            listen_to: makes the participant with this identity the one who asks; None where there
                is only one.
        """
        self._channel = channel
        self._listen_to = listen_to

    def hand_over(self, identity: str) -> None:
        """Listen to another participant from now on; what it asks for is shown to it alone.

        Args:
            identity: of a participant in the room.
        """
        if self._listen_to is not None:
            self._listen_to(identity)

    @property
    def records(self) -> tuple[Record, ...]:
        """What the assistant may look up; its labels and aliases may be said."""
        return self._secrets.records

    def look_up(self, name: str) -> Secret | None:
        """Find a secret of the file by table name, label or alias, however it is written."""
        record = self._secrets.find(name)
        return None if record is None else self._by_name[record.name]

    @contextmanager
    def guarding(self, node: str) -> Iterator[Guard]:
        """Lend the guard of one node for one turn; it remembers what earlier turns gave away.

        What it holds is forgotten where the turn does not come to its end.

        Args:
            node: whose guard; a turn that begins before another one's end gets a new one.
        """
        guard = self._guards.pop(node, None) or WatchedGuard(
            self.vault, self.spent, repeats=node != "llm"
        )
        try:
            yield guard
        except BaseException:
            guard.discard()
            raise
        finally:
            self._guards[node] = guard

    def hear(self, text: str) -> tuple[str, int]:
        """Guard what the caller has said or typed, and count what was diverted.

        Args:
            text: a final transcript or a message, whole.

        Returns:
            The words with labels, and how many secrets were in them.
        """
        words, diverted = self.hearing.final(text)
        self.limit.note(diverted)
        return words, diverted

    def deliver(self, turn: str, secret: Secret) -> Delivery:
        """Send a secret to the participant who asked; within one turn, once.

        Args:
            turn: the id of the speech in which it stands; asking again in another turn is a new
                delivery.
            secret: what stood in the text.
        """
        key = (turn, secret.reveal())
        delivery = self._delivered.get(key)
        if delivery is None:
            if not self.limit.note():
                delivery = refuse(secret, TooMany())
            elif self._channel is None:
                delivery = refuse(secret, NobodyListened())
            else:
                delivery = self._channel.deliver(secret)
            self._delivered[key] = delivery
            _keep_newest(self._delivered)
            self._retention.note(secret, delivery)
        return delivery

    def is_sent(self, turn: str, secret: Secret) -> bool:
        """Tell whether this secret was sent, or refused, in this turn."""
        return (turn, secret.reveal()) in self._delivered

    def owe(self, delivery: Delivery) -> None:
        """Remember that this one was said not to be shown yet: what becomes of it is news."""
        if not delivery.final and delivery not in self._owed:
            self._owed.append(delivery)

    def news(self, turn: str) -> list[Delivery]:
        """Return what has been shown since it was said that it was not; the same all turn long."""
        if turn not in self._news:
            self._news[turn] = [d for d in self._owed if d.state is DeliveryState.SHOWN]
            self._owed = [d for d in self._owed if not d.final]
            _keep_newest(self._news)
        return self._news[turn]

    async def aclose(self) -> None:
        """End what is open and forget every value."""
        if self._channel is not None:
            await self._channel.aclose()
        self._retention.close()
        self._delivered.clear()
        self._by_name.clear()
        self.hearing.clear()
        self.vault.clear()

    def _drop_delivered(self, value: str) -> None:
        for key in [key for key in self._delivered if key[1] == value]:
            del self._delivered[key]

    def _make(self, record: Record) -> Secret:
        return Secret(
            record.value,
            record.label,
            record.kind,
            record.ttl_s or self.secret_ttl_s,
            record.once,
            name=record.name,
        )


def _keep_newest(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > _KEPT:
        kept.popitem(last=False)
