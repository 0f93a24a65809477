"""One call: its vault, its way to the caller's screen, and what it may look up.

A call must never share its vault with another one; whatever belongs to it ends with it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from offmic.secrets import Secret

if TYPE_CHECKING:
    from offmic.delivery import Channel, Delivery
    from offmic.secrets import Vault
    from offmic.secrets.sources import Record, SecretsFile

_TURNS_KEPT: Final = 8


class Call:
    """What every agent of a call shares, handoffs included.

    Args:
        vault: the secrets of this call; nothing else resolves its handles.
        channel: the way to the participant who asked.
        secrets: the file of secrets that the assistant may look up.
        secret_ttl_s: how long a secret may be shown that names no time of its own, in seconds.
    """

    def __init__(
        self, vault: Vault, channel: Channel, secrets: SecretsFile, secret_ttl_s: float
    ) -> None:
        self.vault = vault
        self.channel = channel
        self.secret_ttl_s = secret_ttl_s
        self._secrets = secrets
        self._delivered: OrderedDict[tuple[str, str], Delivery] = OrderedDict()
        vault.enter()
        # The guard knows every value of the file from the first word on, asked for or not.
        self._by_name = {record.name: self._make(record) for record in secrets.records}

    @property
    def records(self) -> tuple[Record, ...]:
        """What the assistant may look up; its labels and aliases may be said."""
        return self._secrets.records

    def look_up(self, name: str) -> Secret | None:
        """Find a secret of the file by table name, label or alias, however it is written."""
        record = self._secrets.find(name)
        return None if record is None else self._by_name[record.name]

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
            delivery = self._delivered[key] = self.channel.deliver(secret)
            while len(self._delivered) > _TURNS_KEPT:
                self._delivered.popitem(last=False)
        return delivery

    async def aclose(self) -> None:
        """End what is open and forget every value."""
        await self.channel.aclose()
        self._delivered.clear()
        self._by_name.clear()
        self.vault.clear()

    def _make(self, record: Record) -> Secret:
        return Secret(
            record.value,
            record.label,
            record.kind,
            record.ttl_s or self.secret_ttl_s,
            record.once,
            name=record.name,
        )
