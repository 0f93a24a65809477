"""Whatever tools return, as plain values that can be looked through; it never fails on one.

The framework writes down numbers, strings and containers of them, and logs everything else as it
is: nothing else may reach it.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from offmic.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEEPEST: Final = 24
_TOO_DEEP: Final = "…"


def flatten(value: Any, depth: int = 0) -> Any:
    """Return a value as dicts, lists, strings and numbers; a `Secret` stays one.

    Args:
        value: anything; of what is unknown its `str`.
        depth: how many containers are around it.
    """
    if depth > _DEEPEST:
        return _TOO_DEEP
    if value is None or isinstance(value, Secret | bool):
        return value
    if isinstance(value, Enum):
        return flatten(value.value, depth + 1)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, dict):
        return {
            flatten(key, depth + 1) if isinstance(key, str | int | float) else str(key): flatten(
                item, depth + 1
            )
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [flatten(item, depth + 1) for item in value]
    if isinstance(value, BaseModel):
        return {name: flatten(getattr(value, name), depth + 1) for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {f.name: flatten(getattr(value, f.name), depth + 1) for f in fields}
    return str(value)


def walk(value: Any, change: Callable[[str | int | float], Any]) -> Any:
    """Return a flat value with each string and number changed, keys included."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {walk(key, change): walk(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [walk(item, change) for item in value]
    return change(value)


def leaves(value: Any) -> Iterator[str]:
    """Yield every string in a value; arguments of other types hold none that counts."""
    if isinstance(value, Secret):
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(key)
            yield from leaves(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, BaseModel):
        yield from leaves({name: getattr(value, name) for name in type(value).model_fields})
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from leaves({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
