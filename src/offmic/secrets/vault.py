"""The secrets of one call, by handle and by label; it must never outlive its call or be written.

The vault is what makes a handle mean something: a handle resolves in the vault that issued it and
nowhere else.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.secrets.secret import HANDLE, Kind, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CURRENT: Final[ContextVar[Vault | None]] = ContextVar("offmic_vault", default=None)


def current_vault() -> Vault | None:
    """Return the vault of the call that runs in this context, or None outside a call."""
    return _CURRENT.get()


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """What the guard must know of a secret: its value and how to speak of it.

    Args:
        value: the exact string that must not be said; empty where it was forgotten.
        label: unique in its call, so that `[label]` can stand for the handle.
        kind: what sort of secret it is.
        handle: the reference that stands for it in text.
        name: the NAME part of the handle.
    """

    value: str
    label: str
    kind: Kind
    handle: str
    name: str

    def __repr__(self) -> str:
        return f"VaultEntry({self.handle})"


class Vault:
    """All secrets of one call."""

    def __init__(self) -> None:
        self._by_handle: dict[str, Secret] = {}
        self._by_value: dict[str, Secret] = {}
        self._by_label: dict[str, Secret] = {}
        self._gone: list[VaultEntry] = []
        self._kept: set[str] = set()
        self._version = 0
        self._watchers: list[Callable[[VaultEntry], None]] = []

    def enter(self) -> None:
        """Make this the vault of the current context and of every task started from it."""
        _CURRENT.set(self)

    @property
    def version(self) -> int:
        """Grows by one with each change; a matcher built for one version is good for that one."""
        return self._version

    def __len__(self) -> int:
        return len(self._by_handle)

    def __iter__(self) -> Iterator[Secret]:
        return iter(tuple(self._by_handle.values()))

    def __repr__(self) -> str:
        return f"Vault({len(self)} secrets)"

    def entries(self) -> tuple[VaultEntry, ...]:
        """Return what the guard must look for, oldest first."""
        return tuple(map(_entry, self._by_handle.values()))

    def watch(self, watcher: Callable[[VaultEntry], None]) -> None:
        """Tell this one of every secret, those that are here and each that comes."""
        self._watchers.append(watcher)
        for entry in self.entries():
            watcher(entry)

    def gone(self) -> tuple[VaultEntry, ...]:
        """Return what was forgotten, without its value: its handle and label are still known."""
        return tuple(self._gone)

    def adopt(self, secret: Secret) -> Secret:
        """Know this secret from now on. Its label gets a number where another one has it.

        Returns:
            The same secret.
        """
        if secret.handle in self._by_handle:
            return secret
        twin = self._by_value.get(secret.reveal())
        if twin is not None and _plain(twin.label) == _plain(secret.label):
            # The same thing said again: a new reference to it, under the label it already has.
            secret.label = twin.label
        else:
            secret.label = self.free_label(secret.label)
        self._by_handle[secret.handle] = secret
        self._by_value[secret.reveal()] = secret
        self._by_label[_plain(secret.label)] = secret
        self._version += 1
        for watcher in self._watchers:
            watcher(_entry(secret))
        return secret

    def hold(self, value: str, label: str, kind: Kind | str = Kind.OTHER) -> Secret:
        """Return the secret with this value, made and adopted where the call has none yet."""
        known = self._by_value.get(value)
        if known is not None:
            return known
        return self.adopt(self.apart(value, label, kind))

    @staticmethod
    def apart(value: str, label: str, kind: Kind | str = Kind.OTHER) -> Secret:
        """Return a secret that no vault knows: for values too short to be looked for."""
        outer = _CURRENT.set(None)
        try:
            return Secret(value, label, kind)
        finally:
            _CURRENT.reset(outer)

    def resolve(self, reference: str) -> Secret | None:
        """Return the secret behind a handle or a `[label]`, or None where this call has none."""
        if HANDLE.fullmatch(reference):
            return self._by_handle.get(reference)
        if reference.startswith("[") and reference.endswith("]"):
            return self._by_label.get(_plain(reference[1:-1]))
        return None

    def keep(self, secret: Secret) -> None:
        """Let this value stay until the call is over, whatever becomes of its deliveries."""
        self._kept.add(secret.reveal())

    def keeps(self, value: str) -> bool:
        """Tell whether a value stays until the call is over."""
        return value in self._kept

    def forget(self, value: str) -> None:
        """Drop a value; what refers to it resolves to nothing, but is known to have been it."""
        dropped = [s for s in self._by_handle.values() if s.reveal() == value]
        for secret in dropped:
            del self._by_handle[secret.handle]
            self._by_label.pop(_plain(secret.label), None)
            self._gone.append(VaultEntry("", secret.label, secret.kind, secret.handle, secret.name))
        if self._by_value.pop(value, None) is not None:
            self._version += 1

    def drop(self, secret: Secret) -> None:
        """Drop a secret without a trace: one of which it was a part takes its label."""
        if self._by_handle.pop(secret.handle, None) is None:
            return
        self._by_value = {s.reveal(): s for s in self._by_handle.values()}
        self._by_label = {_plain(s.label): s for s in self._by_handle.values()}
        self._version += 1

    def clear(self) -> None:
        """Forget everything; the call is over."""
        self._gone.clear()
        self._kept.clear()
        self._by_handle.clear()
        self._by_value.clear()
        self._by_label.clear()
        self._version += 1

    def free_label(self, label: str) -> str:
        """Return this label, with a number where a secret of the call has it already."""
        taken = {*self._by_label, *(_plain(entry.label) for entry in self._gone)}
        if _plain(label) not in taken:
            return label
        number = 2
        while _plain(f"{label} {number}") in taken:
            number += 1
        return f"{label} {number}"


def _entry(secret: Secret) -> VaultEntry:
    return VaultEntry(secret.reveal(), secret.label, secret.kind, secret.handle, secret.name)


def _plain(label: str) -> str:
    return " ".join(label.casefold().split())
