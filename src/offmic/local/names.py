"""What the front desk knows, read from its tool's own description; must never hold a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from livekit.agents.llm import FunctionTool, RawFunctionTool

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livekit.agents.llm import Tool

_LINE: Final = re.compile(r"^\s*Known names:[ \t]*(.+)$", re.MULTILINE)
_ENTRY: Final = re.compile(r"(?P<label>.+?)(?:\s*\((?P<aliases>[^()]*)\))?")


@dataclass(frozen=True, slots=True)
class Name:
    """What a secret is called.

    Args:
        label: how it is spoken of, such as "Wi-Fi password".
        aliases: what else it is called.
    """

    label: str
    aliases: tuple[str, ...] = ()


def described(tools: Iterable[Tool]) -> dict[str, str]:
    """Return each function tool's name with its description."""
    found: dict[str, str] = {}
    for tool in tools:
        if isinstance(tool, FunctionTool):
            found[tool.info.name] = tool.info.description or ""
        elif isinstance(tool, RawFunctionTool):
            found[tool.info.name] = str(tool.info.raw_schema.get("description") or "")
    return found


def known_names(description: str) -> tuple[Name, ...]:
    """Read the line `Known names: label (alias, alias); label` of a tool's description.

    Returns:
        The names in their order; none where there is no such line.
    """
    line = _LINE.search(description)
    if line is None:
        return ()
    names = []
    for entry in line[1].split(";"):
        match = _ENTRY.fullmatch(entry.strip().rstrip("."))
        if match is None or match["label"].casefold() == "none":
            continue
        aliases = (alias.strip() for alias in (match["aliases"] or "").split(","))
        names.append(Name(match["label"], tuple(alias for alias in aliases if alias)))
    return tuple(names)
