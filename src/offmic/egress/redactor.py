"""Takes values out of what leaves the process; where it cannot tell, nothing leaves.

Every value that a vault of this process ever held is looked for, in any form, for as long as the
process lives: one that was shown and dropped may still stand in an exception. Secrets that nobody
registered are looked for as in the model's own words.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

from offmic import metrics
from offmic.egress.forms import pattern_of
from offmic.guard import Guard, Said
from offmic.secrets import Secret

if TYPE_CHECKING:
    import re

    from offmic.guard import Segment
    from offmic.secrets import Vault
    from offmic.secrets.vault import VaultEntry

WITHHELD: Final = "[withheld]"
"""Stands for what could not be looked through."""

LONGEST: Final = 8_192
"""Characters of one text that are looked through; what goes beyond is cut off."""
_PIECE: Final = 24
_CACHED_LENGTH: Final = 512
_CACHED: Final = 4096
_DEEPEST: Final = 12


class Remembered:
    """All values that the vaults of this process have held."""

    def __init__(self) -> None:
        self._entries: dict[str, VaultEntry] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Grows by one with each new value."""
        return self._version

    def entries(self) -> tuple[VaultEntry, ...]:
        """Return every value that must not leave."""
        return tuple(self._entries.values())

    def gone(self) -> tuple[VaultEntry, ...]:
        """Return nothing: here no value is forgotten."""
        return ()

    def add(self, entry: VaultEntry) -> None:
        """Remember a value from now on."""
        if entry.value not in self._entries:
            self._entries[entry.value] = entry
            self._version += 1


class Redactor:
    """One for a process; all its threads share it."""

    def __init__(self) -> None:
        self.known = Remembered()
        self._lock = threading.RLock()
        self._working = False
        self._guard = Guard(self.known)
        self._version: int | None = None
        self._forms: re.Pattern[str] | None = None
        self._labels: dict[str, str] = {}
        self._digits: dict[str, str] = {}
        self._cache: OrderedDict[str, str] = OrderedDict()

    def watch(self, vault: Vault) -> None:
        """Keep back the values of a vault, those to come as well."""
        vault.watch(self.known.add)

    def text(self, text: str, sink: metrics.Sink) -> str:
        """Return a text with `[label]`, or the kind's name, for each secret in it.

        Args:
            text: whole; it is not remembered for the next one.
            sink: for what it is counted.
        """
        if not text or text.isspace():
            return text
        with self._lock:
            if self._working:  # a finaliser that logs, in the middle of a look
                return WITHHELD
            self._working = True
            try:
                self._learn()
                clean = self._cache.get(text)
                if clean is None:
                    clean = self._look(text)
                    self._keep(text, clean)
            except Exception:  # noqa: BLE001 - whatever it is, the text must not go out
                self._guard = Guard(self.known)
                metrics.EGRESS_FAILURES.labels(sink.value).inc()
                return WITHHELD
            finally:
                self._working = False
        if clean != text:
            metrics.REDACTED.labels(sink.value).inc()
        return clean

    def escapes(self, text: str) -> str:
        """Return a text with `[label]` where a program escaped or encoded a value."""
        with self._lock:
            self._learn()
            forms, labels = self._forms, self._labels
        if forms is None:
            return text
        return forms.sub(lambda found: f"[{labels[found[0].casefold()]}]", text)

    def value(self, value: Any, sink: metrics.Sink, depth: int = 0) -> Any:
        """Return a value of any type as it may leave: containers are copied, objects written out.

        Args:
            value: of a log record, an attribute, a report.
            sink: for what it is counted.
            depth: of containers that it stands in.
        """
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Secret):
            return value.handle
        if isinstance(value, str):
            return self.text(str(value), sink)
        if isinstance(value, int | float):
            return self._number(value, sink)
        if depth > _DEEPEST:
            return WITHHELD
        try:
            return self._container(value, sink, depth + 1)
        except Exception:  # noqa: BLE001 - as above
            metrics.EGRESS_FAILURES.labels(sink.value).inc()
            return WITHHELD

    def _container(self, value: Any, sink: metrics.Sink, depth: int) -> Any:
        if isinstance(value, Mapping):
            return {
                self.value(k, sink, depth): self.value(v, sink, depth) for k, v in value.items()
            }
        if isinstance(value, bytes | bytearray | memoryview):
            return self.text(bytes(value).decode("utf-8", "backslashreplace"), sink)
        if isinstance(value, tuple):
            return tuple(self.value(part, sink, depth) for part in value)
        if isinstance(value, Sequence | AbstractSet):
            return [self.value(part, sink, depth) for part in value]
        return self.text(str(value), sink)

    def _number(self, number: float, sink: metrics.Sink) -> float | str:
        with self._lock:
            self._learn()
            digits = self._digits
        if not digits:
            return number
        for part in str(number).lstrip("-").split("."):
            if (label := digits.get(part)) is not None:
                metrics.REDACTED.labels(sink.value).inc()
                return f"[{label}]"
        return number

    def _learn(self) -> None:
        if self._version == self.known.version:
            return
        entries = self.known.entries()
        self._forms, self._labels = pattern_of(entries)
        self._digits = {}
        for entry in entries:
            digits = "".join(filter(str.isalnum, entry.value))
            if digits.isdecimal():
                self._digits[digits] = self._digits[digits.lstrip("0")] = entry.label
        self._cache.clear()
        self._version = self.known.version

    def _look(self, text: str) -> str:
        cut = len(text) - LONGEST
        if cut > 0:
            text = text[:LONGEST]
        text, guard = self.escapes(text), self._guard
        words = write([*read(guard, text), *guard.flush()])
        return words + (f" [{cut} more characters withheld]" if cut > 0 else "")

    def _keep(self, text: str, clean: str) -> None:
        if len(text) > _CACHED_LENGTH:
            return
        self._cache[text] = clean
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)


def read(guard: Guard, text: str) -> list[Segment]:
    """Let a guard read a text in the short pieces that it is made for; a long one takes it long."""
    return [
        part for at in range(0, len(text), _PIECE) for part in guard.feed(text[at : at + _PIECE])
    ]


def write(parts: Sequence[Segment]) -> str:
    """Return segments of the guard as they may leave.

    The words around an unregistered secret may hold it too: it goes by the name of its kind.
    """
    return "".join(
        part.text
        if isinstance(part, Said)
        else f"[{part.label if part.reference else part.kind.value}]"
        for part in parts
    )
