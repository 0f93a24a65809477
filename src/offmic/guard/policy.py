"""What is done with each kind of secret that nobody registered; it must never loosen the vault."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from offmic.guard.model import Via

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offmic.guard.model import SecretDiverted
    from offmic.secrets.secret import Kind

_SHORT: Final = 8
_ALWAYS: Final = frozenset({Via.VAULT, Via.HANDLE, Via.MARKED})


class Treatment(StrEnum):
    """What is done with a secret of some kind."""

    DIVERT = "divert"
    SAY = "say"
    LAST_FOUR = "last four"


@dataclass(frozen=True, slots=True)
class Policy:
    """How each kind is treated; a kind that is not named is diverted.

    Vault values, handles and what the model marked are diverted whatever their kind.

    Args:
        kinds: treatments by kind.
        phones: whether phone numbers are looked for; they are of the kind `other`.
        emails: whether e-mail addresses are looked for; they are of the kind `other`.
    """

    kinds: Mapping[Kind, Treatment] = field(default_factory=dict)
    phones: bool = False
    emails: bool = False

    def treat(self, found: SecretDiverted) -> Treatment:
        """Return what is to be done with a secret."""
        if found.via in _ALWAYS:
            return Treatment.DIVERT
        return self.kinds.get(found.kind, Treatment.DIVERT)


def last_four(value: str) -> str:
    """Return what is said of a value of which all but the last four characters are kept back."""
    plain = [c for c in value if c.isalnum()]
    # Of a short value the last four would be half of it or more.
    return f"ending in {''.join(plain[-4:])}" if len(plain) > _SHORT else "kept back"
