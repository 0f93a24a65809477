"""`Secret`, a string whose characters are a handle; it must never turn into its value by accident.

Whatever formats, logs, pickles or serialises a `Secret` gets `{{secret:NAME.RANDOM}}`, the handle.
`reveal()` is the one way to the value.
"""

from __future__ import annotations

import re
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

HANDLE: Final = re.compile(r"\{\{secret:([a-z0-9-]{1,48})\.([a-z0-9]{8})\}\}")
"""What a handle looks like: contract of the wire, section "Handles"."""

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_NAME_LENGTH: Final = 48
DEFAULT_TTL_S: Final = 120.0


class Kind(StrEnum):
    """What sort of secret a value is; the only thing about it that metrics may carry."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind, not a password
    CODE = "code"
    OTP = "otp"
    CARD = "card"
    IBAN = "iban"
    ACCOUNT = "account"
    SSN = "ssn"
    GOV_ID = "gov_id"
    API_KEY = "api_key"
    PRIVATE_KEY = "private_key"
    OTHER = "other"


def slug(label: str) -> str:
    """Turn a label into the NAME part of a handle: lower case, `a-z0-9-`, at most 48 characters."""
    name = re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-")[:_NAME_LENGTH].rstrip("-")
    return name or "secret"


class Secret(str):
    """A value that travels by reference; its characters are a handle.

    Made during a call, it is known to that call's vault from birth, so the guard finds the value
    even where a tool embeds it in other text.

    Args:
        value: what must not be said; at least one character.
        label: what it is called when spoken of, such as "Wi-Fi password".
        kind: what sort of secret it is.
        ttl_s: how long a receiver may show it, in seconds from the moment it is diverted.
        once: shown one time and then discarded.
        name: the NAME part of the handle; made from the label where it is not given.
    """

    __slots__ = ("_sealed", "kind", "label", "name", "once", "ttl_s")

    _sealed: Callable[[], str]
    label: str
    name: str
    kind: Kind
    ttl_s: float
    once: bool

    def __new__(
        cls,
        value: str,
        label: str = "secret",
        kind: Kind | str = Kind.OTHER,
        ttl_s: float = DEFAULT_TTL_S,
        once: bool = False,
        *,
        name: str | None = None,
    ) -> Self:
        """Make a secret and tell the vault of the call that runs here; see the class."""
        from offmic.secrets.vault import current_vault  # the vault holds secrets: a cycle by design

        if not value:
            raise ValueError("a secret needs a value of at least one character")
        if ttl_s <= 0:
            raise ValueError("ttl_s must be above 0 seconds")
        name = slug(name or label)
        random = "".join(secrets.choice(_ALPHABET) for _ in range(8))
        self = super().__new__(cls, f"{{{{secret:{name}.{random}}}}}")
        # Not the value itself: whatever lists the attributes of an object would show it.
        self._sealed = lambda: value
        self.label = " ".join(label.split()) or "secret"
        self.name = name
        self.kind = Kind(kind)
        self.ttl_s = ttl_s
        self.once = once
        if (vault := current_vault()) is not None:
            vault.adopt(self)
        return self

    @property
    def handle(self) -> str:
        """The reference `{{secret:NAME.RANDOM}}`, as a plain string."""
        return str.__str__(self)

    def reveal(self) -> str:
        """Return the value itself. Every call of this in the project is listed by a test."""
        return self._sealed()

    def __str__(self) -> str:
        return str.__str__(self)

    def __repr__(self) -> str:
        return f"<Secret {str.__str__(self)}>"

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        # The default carries the attributes, and with them the value.
        return (str, (str.__str__(self),))

    def __reduce_ex__(self, protocol: Any, /) -> tuple[type[str], tuple[str]]:
        return self.__reduce__()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A parameter typed `Secret` takes a handle of this call and gets the secret behind it."""
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(
            cls._from_reference,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(str.__str__),
        )

    @classmethod
    def _from_reference(cls, reference: str) -> Secret:
        from offmic.secrets.vault import current_vault

        if isinstance(reference, Secret):
            return reference
        vault = current_vault()
        found = vault.resolve(reference) if vault is not None else None
        if found is None:
            raise ValueError("not a handle of this call; pass a handle exactly as it was given")
        return found
