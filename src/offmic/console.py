"""The terminal of `console`: secrets in a panel there, and nowhere else in its output."""

from __future__ import annotations

import importlib.util
import sys
import types
from typing import TYPE_CHECKING

from livekit.agents.cli import AgentsConsole
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from offmic.errors import MissingPartError

if TYPE_CHECKING:
    from offmic.secrets import Secret


def show(secret: Secret) -> None:
    """Show a secret in a panel of the terminal."""
    body = Text(secret.reveal(), style="bold")
    panel = Panel.fit(body, title=f"only on your screen: {secret.label}", border_style="green")
    # Within `console` this is the one that its status line is drawn with, so the two do not mix.
    terminal = getattr(AgentsConsole.get_instance(), "console", None) or Console()
    terminal.print(panel)


def check_sound(arguments: list[str]) -> None:
    """Let `console --text` run without a sound library, and name it where it is needed.

    Raises:
        MissingPartError: `console` with voice on a machine without PortAudio.
    """
    if "console" not in arguments or _has_sound_library():
        return
    if "--text" in arguments:
        # The framework imports this module even where it opens no device.
        sys.modules["sounddevice"] = types.ModuleType("sounddevice")
        return
    raise MissingPartError(
        "console needs PortAudio, which is not on this machine: install it with "
        "`apt-get install libportaudio2`, or type instead: python main.py console --text"
    )


def _has_sound_library() -> bool:
    if importlib.util.find_spec("sounddevice") is None:
        return False
    try:
        importlib.import_module("sounddevice")
    except OSError:
        return False
    return True
