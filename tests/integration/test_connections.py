"""With local parts no process of the worker opens a connection to anything but the SFU."""

from __future__ import annotations

import pytest
import yaml

from tests.fakes.connections import ConnectionWatch
from tests.fakes.desk import SETTINGS, WIFI
from tests.fakes.ice import ice_servers
from tests.fakes.sfu import running_sfu
from tests.fakes.visitor import visitor
from tests.fakes.worker import PROJECT, Worker, sfu_settings

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


async def test_the_server_sends_nobody_to_another_machine() -> None:
    # Native code looks the servers of this list up; that can be over before anyone sees it.
    async with running_sfu() as sfu:
        servers = await ice_servers(sfu)
    assert servers
    assert all(url.startswith("stun:127.0.0.1:") for url in servers), servers


def test_the_configuration_that_is_shipped_does_not_either() -> None:
    shipped = yaml.safe_load((PROJECT / "livekit.yaml").read_text())["rtc"]
    servers = shipped.get("stun_servers", [])
    assert servers, "without an entry the server sends its clients to STUN servers on the internet"
    assert all(server.startswith("127.0.0.1:") for server in servers)
    # At the media port they would be in the way of the media.
    assert f"127.0.0.1:{shipped['udp_port']}" not in servers
