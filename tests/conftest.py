"""What tests share: a server for each module, and a guarantee that nothing is left running."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import psutil
import pytest
import pytest_asyncio

from offmic.secrets import vault
from tests.fakes.deliveries import Trail
from tests.fakes.desk import running_desk
from tests.fakes.sfu import running_sfu

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.fakes.desk import Desk
    from tests.fakes.sfu import Sfu


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sfu() -> AsyncIterator[Sfu]:
    """A real livekit-server of this module's own."""
    async with running_sfu() as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk() -> AsyncIterator[Desk]:
    """One worker with local parts for all tests that need no other; each takes its own room."""
    async with running_desk() as one:
        yield one


@pytest.fixture(autouse=True)
def outside_of_any_call() -> Iterator[None]:
    """Let no vault that an earlier test entered know the secrets of this one."""
    token = vault._CURRENT.set(None)  # noqa: SLF001 - a call never leaves its context
    yield
    vault._CURRENT.reset(token)  # noqa: SLF001


@pytest.fixture
def trail() -> Iterator[Trail]:
    """What `offmic.trail` logs during a test."""
    one = Trail()
    logger = logging.getLogger("offmic.trail")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(one)
    yield one
    logger.removeHandler(one)
    logger.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """Fail the run where a process that a test started outlives the tests."""
    yield
    left = psutil.Process().children(recursive=True)
    # Python's own helper of multiprocessing ends with this process.
    left = [p for p in left if "resource_tracker" not in " ".join(p.cmdline())]
    assert not left, [p.cmdline() for p in left]
