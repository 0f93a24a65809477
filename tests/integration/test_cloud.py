"""A whole call with the cloud profile, by the real plugins over their providers' wire.

Keys alone choose the parts. Here they are made up, and the providers are partners on loopback with
real models behind them. `make test-cloud` sets OFFMIC_TEST_CLOUD: then the same calls go to the
providers themselves, where keys are set.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import pytest

from offmic.audit.renderings import leaks
from tests.fakes.desk import DOOR, VALUES, WIFI, running_desk
from tests.fakes.visitor import visitor
from tests.partners.cloud import running_cloud

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.fakes.desk import Desk
    from tests.partners.cloud import Cloud

pytestmark = pytest.mark.sfu

_KEYS: Final = ("DEEPGRAM_API_KEY", "OPENAI_API_KEY", "CARTESIA_API_KEY")
_REAL: Final = bool(os.environ.get("OFFMIC_TEST_CLOUD"))


@asynccontextmanager
async def _cloud_desk() -> AsyncIterator[tuple[Desk, Cloud | None]]:
    if not _REAL:
        keys = dict.fromkeys(_KEYS, "made-up")
        async with running_cloud() as cloud, running_desk(keys | cloud.addresses) as desk:
            yield desk, cloud
        return
    missing = [name for name in _KEYS if not os.environ.get(name)]
    if missing:
        pytest.skip(f"not run against the real providers: {', '.join(missing)} not set")
    async with running_desk({name: os.environ[name] for name in _KEYS}) as desk:
        yield desk, None


async def test_a_whole_call_with_the_cloud_profile_shows_secrets_and_says_none() -> None:
    async with _cloud_desk() as (desk, cloud), visitor(desk.sfu, "cloud") as caller:
        await caller.greeted()
        first = await caller.ask("What is the Wi-Fi password?", until="password")
        assert first.shown == [("Wi-Fi password", WIFI)]
        assert "on your screen" in first.heard.casefold()
        assert "[Wi-Fi password]" in first.written
        second = await caller.ask("I need the door code.", until="door code")
        assert second.shown == [("door code", DOOR)]
        for answer in (first, second):
            for value in VALUES.values():
                assert leaks(value, answer.heard) == leaks(value, answer.written) == []
        if cloud is None:
            return
        # Each plugin really was at work, and none of them was given a value.
        assert any("password" in words.casefold() for words in cloud.ear.heard)
        assert any("on your screen" in text for text in cloud.voice.said)
        assert cloud.brain.requests
        told = cloud.brain.everything + "\n".join(cloud.voice.said)
        assert all(value not in told for value in VALUES.values())
