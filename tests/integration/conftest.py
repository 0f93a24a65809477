"""What the tests of plugins and rows share: the cloud's partners, whole again after each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest_asyncio

from tests.partners.cloud import running_cloud

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.partners.cloud import Cloud


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def partners() -> AsyncIterator[Cloud]:
    """The partners of this module's tests."""
    async with running_cloud() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def cloud(partners: Cloud) -> AsyncIterator[Cloud]:
    """The partners, to be broken by one test."""
    yield partners
    for partner in (partners.ear, partners.brain, partners.voice):
        await partner.mend()


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A session of a plugin that stands outside of any job."""
    async with aiohttp.ClientSession() as session:
        yield session
