"""A front desk's tools and words for the tests of the local brain."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from livekit.agents import function_tool

if TYPE_CHECKING:
    from livekit.agents.llm import Tool

from offmic.local.names import Name, known_names

KNOWN: Final = (
    "Known names: Wi-Fi password (wifi, guest wifi, wireless password, network password); "
    "door code (entry code, front door code); magic word (secret word, password of the day)"
)
TOOLS: Final = ("look_up_secret", "new_password", "one_time_code")
HANDLE: Final = "{{secret:wifi-password.k7q2m9xd}}"
LABELS: Final = {"wifi": "Wi-Fi password", "door": "door code", "magic": "magic word"}


@function_tool(description=f"Look up a secret by what it is called.\n{KNOWN}")
async def look_up_secret(name: str) -> str:
    return name


@function_tool(description="Make a new password.")
async def new_password(account: str) -> str:
    return account


def tools() -> list[Tool]:
    return [look_up_secret, new_password]


def names() -> tuple[Name, ...]:
    return known_names(KNOWN)


def wordings(part: str) -> list[tuple[str, str]]:
    """Return (which secret, what is said) for each wording of one part of the file."""
    with Path(__file__).with_name("wordings.toml").open("rb") as file:
        groups: dict[str, list[str]] = tomllib.load(file)[part]
    return [(which, said) for which, sentences in groups.items() for said in sentences]
