"""What the page's tests share: one worker, one server of the page and one browser for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from offmic.serve import Place, serving
from offmic.settings import load_settings
from tests.fakes.desk import LABELS, VALUES, running_desk
from tests.fakes.worker import sfu_settings
from tests.web.browser import running_browser, write_speech

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from tests.fakes.desk import Desk
    from tests.web.browser import Windows

SHORT_TTL_S = 8
QUESTION = "What is the Wi-Fi password?"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def front_desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A worker whose door code lasts for seconds and whose magic word is shown once."""
    file = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    more = {"wifi-password": "", "door-code": f"ttl_s = {SHORT_TTL_S}", "magic-word": "once = true"}
    file.write_text(
        "\n".join(
            f'[{name}]\nlabel = "{LABELS[name]}"\nvalue = "{value}"\n{more[name]}'
            for name, value in VALUES.items()
        )
    )
    file.chmod(0o600)
    async with running_desk({"OFFMIC_SECRETS": str(file)}) as desk:
        yield desk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def address(front_desk: Desk) -> AsyncIterator[str]:
    """Where the page is."""
    settings = load_settings(sfu_settings(front_desk.sfu), dotenv=None)
    async with serving(settings, Place(port=0)) as where:
        yield where


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windows(address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Windows]:
    """A browser whose microphone asks for the Wi-Fi password."""
    wav: Path = tmp_path_factory.mktemp("speech") / "question.wav"
    await write_speech(QUESTION, wav)
    async with running_browser(address, wav) as browser:
        yield browser
