"""`console --text` without a microphone: the secret is in a panel, the transcript has its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offmic.audit.renderings import leaks
from tests.fakes.desk import SETTINGS, WIFI
from tests.fakes.terminal import terminal

if TYPE_CHECKING:
    from pathlib import Path

NO_SOUND_LIBRARY = """
import ctypes.util
find = ctypes.util.find_library
ctypes.util.find_library = lambda name: None if "portaudio" in name else find(name)
"""


@pytest.mark.parametrize("sound_library", [True, False])
async def test_a_secret_is_in_a_panel_and_the_transcript_has_its_label(
    sound_library: bool, tmp_path: Path
) -> None:
    settings = dict(SETTINGS)
    if not sound_library:
        (tmp_path / "sitecustomize.py").write_text(NO_SOUND_LIBRARY)
        settings["PYTHONPATH"] = str(tmp_path)
    async with terminal(["console", "--text"], settings, tmp_path) as console:
        await console.wait_for("Type to talk to your agent", 120)
        await console.enter("What is the Wi-Fi password?")
        await console.wait_for(WIFI, 60)
        await console.wait_for("[Wi-Fi password]", 60)
        in_panels = [line for line in console.screen.splitlines() if "│" in line]
        elsewhere = [line for line in console.screen.splitlines() if "│" not in line]
        assert any(WIFI in line for line in in_panels)
        assert not leaks(WIFI, "\n".join(elsewhere))
