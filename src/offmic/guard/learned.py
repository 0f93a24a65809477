"""What the guards of one call share of its vault; it must end with the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from offmic.guard.handles import by_handle, by_label
from offmic.guard.index import Index
from offmic.guard.literals import Table
from offmic.guard.marks import by_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offmic.guard.lane import Lane, LaneOf
    from offmic.guard.model import Knowledge
    from offmic.secrets.vault import VaultEntry


class Learned:
    """A vault as it was at one version, in the tables that recognisers look things up in.

    Args:
        version: of the vault.
        entries: what it held.
        gone: what it held before; its handles and labels are still known.
        earlier: the index of an earlier version; most often only a value was added since.
    """

    def __init__(
        self,
        version: int,
        entries: Sequence[VaultEntry],
        gone: Sequence[VaultEntry] = (),
        earlier: Index | None = None,
    ) -> None:
        self.version = version
        self.index = Index(entries, earlier)
        self.handles = by_handle((*entries, *gone))
        self.labels = by_label((*entries, *gone))
        self.values = by_value(entries)
        self.literals = Table(entries)
        self.lanes: dict[LaneOf, Lane] = {}


_LEARNED: Final[WeakKeyDictionary[Knowledge, Learned]] = WeakKeyDictionary()


def learn(knowledge: Knowledge) -> Learned:
    """Return what a vault holds now; the guards of one call share it, and it ends with the vault.

    Args:
        knowledge: the vault.
    """
    learned = _LEARNED.get(knowledge)
    if learned is None or learned.version != knowledge.version:
        learned = _LEARNED[knowledge] = Learned(
            knowledge.version,
            knowledge.entries(),
            knowledge.gone(),
            None if learned is None else learned.index,
        )
    return learned
