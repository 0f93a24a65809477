"""With local parts no process of the worker opens a connection to anything but the SFU."""

from __future__ import annotations

import pytest

from tests.fakes.connections import ConnectionWatch
from tests.fakes.desk import SETTINGS, WIFI
from tests.fakes.sfu import running_sfu
from tests.fakes.visitor import visitor
from tests.fakes.worker import Worker, sfu_settings

pytestmark = pytest.mark.sfu


async def test_nothing_but_the_server_is_connected_to_from_start_to_stop() -> None:
    async with running_sfu() as sfu:
        worker = Worker(sfu_settings(sfu) | SETTINGS)
        audit = worker.folder / "audit"
        worker.settings |= ConnectionWatch.settings(audit)
        try:
            with ConnectionWatch(worker.processes, audit) as watch:
                await worker.start()
                async with visitor(sfu, "watched") as caller:
                    await caller.greeted()
                    answer = await caller.ask("What is the Wi-Fi password?")
                    assert answer.shown == [("Wi-Fi password", WIFI)]
                    await caller.ask("How are you today?")
                await worker.stop()
            assert not watch.outside(sfu.ports)
            assert watch.rounds > 100
            # Both instruments saw the server: they looked.
            assert watch.outside([])
            assert any(str(sfu.port) in str(event["address"]) for event in watch.audited())
        finally:
            await worker.stop()
            worker.cleanup()
