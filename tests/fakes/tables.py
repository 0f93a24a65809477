"""Every word in the tables of the guard's modules: what its rules know of."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping

import offmic.guard

_LONGEST = 24


def table_words() -> tuple[str, ...]:
    """Return the words of all tables, of whatever rules there are."""
    found: set[str] = set()
    for module in pkgutil.iter_modules(offmic.guard.__path__):
        for name, table in vars(importlib.import_module(f"offmic.guard.{module.name}")).items():
            # Beginnings of words are words in part.
            if not name.startswith("__") and "BEGINNINGS" not in name and name != "_STARTS":
                _collect(table, found)
    return tuple(sorted(found))


def _collect(table: object, found: set[str]) -> None:
    if isinstance(table, str):
        if len(table) <= _LONGEST:
            found.update(table.split())
    elif isinstance(table, Mapping):
        _collect(tuple(table), found)
        _collect(tuple(table.values()), found)
    elif isinstance(table, (frozenset, set, tuple, list)) and isinstance(table, Iterable):
        for entry in table:
            _collect(entry, found)
