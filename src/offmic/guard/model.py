"""What goes into the guard and what comes out of it; it must never hold more than text and labels.

The guard is pure and incremental: `feed(chunk)` and `flush()` return segments, in order. Text that
may go on is `Said`; what must not is `SecretDiverted`, in the place where it stood.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from offmic.secrets.secret import Kind
    from offmic.secrets.vault import VaultEntry


class Direction(StrEnum):
    """Whose words are guarded."""

    OUT = "out"
    """What the model says."""
    IN = "in"
    """What the user says or types."""


class Via(StrEnum):
    """How a secret was recognised."""

    VAULT = "vault"
    HANDLE = "handle"
    PATTERN = "pattern"
    CONTEXT = "context"
    MARKED = "marked"


@dataclass(frozen=True, slots=True)
class Said:
    """Text that may go on, code point for code point as it came."""

    text: str


@dataclass(frozen=True, slots=True)
class SecretDiverted:
    """A secret that stood here and does not go on.

    Args:
        label: the vault's label, or one found in the words around it; empty where none is known.
        kind: what sort of secret it is.
        value: for a vault match the vault's string, else the value as it would be typed; empty
            where a reference stood whose value the vault has forgotten.
        via: how it was recognised.
        reference: the handle of the vault's entry, empty where the vault does not know it yet.
    """

    label: str
    kind: Kind
    value: str = field(repr=False)
    via: Via
    reference: str = ""


Segment: TypeAlias = Said | SecretDiverted


class Knowledge(Protocol):
    """What the guard asks of a vault: `offmic.secrets.Vault` is one."""

    @property
    def version(self) -> int:
        """Changes whenever `entries` does."""

    def entries(self) -> tuple[VaultEntry, ...]:
        """Return every value that must not go on."""

    def gone(self) -> tuple[VaultEntry, ...]:
        """Return what is still spoken of though its value was forgotten; it has none."""
