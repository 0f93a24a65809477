"""Checks of one setting's value each; a message must never repeat the value it complains of."""

from __future__ import annotations

import ipaddress
import math
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from offmic.errors import SettingError
from offmic.providers import PREFERRED, PROVIDERS, SPEECH_TO_SPEECH, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORTEST_PASSWORD: Final = 12
_AGENT_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def agent_name(values: Mapping[str, str]) -> str:
    """Return the name for explicit dispatch; empty for every room."""
    name = values.get("OFFMIC_AGENT_NAME", "")
    if name and not _AGENT_NAME.fullmatch(name):
        raise SettingError(
            "OFFMIC_AGENT_NAME holds something else than a name: "
            "use up to 64 letters, digits, dots, dashes and underscores, or leave it empty"
        )
    return name


def word(values: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Return one of the allowed words, in lower case."""
    chosen = values.get(name, default).lower()
    if chosen not in allowed:
        raise SettingError(f"{name} is not a word it knows: use one of {', '.join(allowed)}")
    return chosen


def switch(values: Mapping[str, str], name: str) -> bool:
    """Return whether it is on: 1; off, 0, where it is not set."""
    return word(values, name, "0", ("0", "1")) == "1"


def number(values: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    """Return a number from `low` to `high`, both included."""
    try:
        chosen = float(values.get(name, default))
    except ValueError:
        chosen = math.nan
    if not low <= chosen <= high:
        raise SettingError(f"{name} is not a number in range: use one from {low:g} to {high:g}")
    return chosen


def port(values: Mapping[str, str], name: str, default: int) -> int:
    """Return a TCP port; 0 for any free one."""
    text = values.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise SettingError(f"{name} is not a port: use a whole number from 0 (any) to 65535")
    return int(text)


def address(values: Mapping[str, str], name: str, default: str) -> str:
    """Return an address of this machine to listen on."""
    text = values.get(name, default)
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    raise SettingError(f"{name} is not an address: use {default}, or 0.0.0.0 for all of them")


def url(values: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    """Return a URL with one of the schemes and a host, or None where it is not set."""
    text = values.get(name)
    if text is not None and not _is_url(text, schemes):
        raise SettingError(
            f"{name} is not a URL it can use: write {schemes[0]}://HOST:PORT "
            f"({' or '.join(schemes)})"
        )
    return text


def password(values: Mapping[str, str], name: str) -> str:
    """Return a password that is not guessed by trying; empty where it is not set."""
    chosen = values.get(name, "")
    if chosen and len(chosen) < _SHORTEST_PASSWORD:
        raise SettingError(
            f"{name} is too short: use at least {_SHORTEST_PASSWORD} characters, "
            "or leave it empty and serve the page on this machine alone"
        )
    return chosen


def mcp_servers(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return MCP servers, each an address or a command line whose program exists."""
    servers = tuple(part.strip() for part in values.get("OFFMIC_MCP", "").split(",") if part)
    for position, server in enumerate(servers, 1):
        if not _is_url(server, ("http", "https")) and not _is_command(server):
            raise SettingError(
                f"OFFMIC_MCP (entry {position}) is neither an address nor a command of this "
                "machine: write http://HOST:PORT/mcp, or a program and its arguments; several "
                "are separated by commas"
            )
    return servers


def _is_command(text: str) -> bool:
    try:
        words = shlex.split(text)
    except ValueError:
        return False
    return bool(words) and "://" not in words[0] and shutil.which(words[0]) is not None


def background(values: Mapping[str, str]) -> str:
    """Return `office`, `off`, or the path of a sound file that exists."""
    chosen = values.get("OFFMIC_BACKGROUND", "off")
    if chosen.lower() in {"office", "off"}:
        return chosen.lower()
    if not Path(chosen).expanduser().is_file():
        raise SettingError(
            "OFFMIC_BACKGROUND is neither a word it knows nor a file that exists: "
            "use office, off, or the path of a sound file"
        )
    return str(Path(chosen).expanduser())


def providers(values: Mapping[str, str], role: Role) -> tuple[str, ...]:
    """Return the providers of one part, the later ones to take over when the earlier fail."""
    name = f"OFFMIC_{role.upper()}"
    if name not in values:
        preferred = PREFERRED[role]
        key = PROVIDERS[preferred.partition("/")[0]].key
        return (preferred,) if key in values else ("local",)
    chosen = tuple(part.strip() for part in values[name].split(","))
    for position, text in enumerate(chosen, 1):
        _check_provider(values, name, role, text, position)
    if len(set(chosen)) < len(chosen):
        raise SettingError(f"{name} names a provider twice: name each provider/model once")
    return chosen


def _check_provider(
    values: Mapping[str, str], name: str, role: Role, text: str, position: int
) -> None:
    provider, slash, model = text.partition("/")
    rule = PROVIDERS.get(provider)
    which = f"{name} (entry {position})"
    if rule is None or role not in rule.roles:
        examples = ", ".join(rule.example for rule in PROVIDERS.values() if role in rule.roles)
        raise SettingError(
            f"{which} names no provider that can be the {role.upper()}: use a form such as "
            f"{examples}; several are separated by commas"
        )
    if rule.model is None and slash:
        raise SettingError(
            f"{which} gives {provider} a model, which it does not take: use {provider}"
        )
    if rule.model is not None and not re.fullmatch(rule.model, model):
        raise SettingError(
            f"{which} names {provider} without a model it can use: "
            f"write {provider}/MODEL, such as {rule.example}"
        )
    if role == "llm" and provider != "langgraph" and re.search(SPEECH_TO_SPEECH, model):
        raise SettingError(
            f"{which} names a speech-to-speech model, which hears the microphone past the guard: "
            f"use a text model, such as {rule.example}"
        )
    if rule.key is not None and rule.key not in values and rule.base_url not in values:
        raise SettingError(
            f"{name} names {provider}, but {rule.key} is missing: set {rule.key}"
            + (f" (or {rule.base_url} for a server of your own)" if rule.base_url else "")
            + f", or set {name}=local"
        )


def server(values: Mapping[str, str], local: tuple[str, str, str]) -> tuple[str, str, str]:
    """Return URL, key and secret of the SFU.

    The local server's key is no secret, so it is a default for loopback alone.

    Args:
        values: all settings.
        local: URL, key and secret of the local server.
    """
    address = url(values, "LIVEKIT_URL", ("ws", "wss", "http", "https")) or local[0]
    names = ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
    missing = [name for name in names if name not in values]
    if len(missing) == 1:
        given = next(name for name in names if name in values)
        raise SettingError(f"{missing[0]} is missing while {given} is set: set both or neither")
    if missing and not is_loopback(urlsplit(address).hostname or ""):
        raise SettingError(
            "LIVEKIT_API_KEY and LIVEKIT_API_SECRET are missing: LIVEKIT_URL names a server "
            "on another machine, set the key and secret of that server"
        )
    if missing:
        return address, local[1], local[2]
    return address, values[names[0]], values[names[1]]


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine."""
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    if re.search(r"\s", text):
        return False
    try:
        parts: SplitResult = urlsplit(text)
        usable = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return usable and parts.scheme in schemes and bool(parts.hostname)
