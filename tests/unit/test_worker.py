"""What the worker says of its load, and how it takes a file that was broken since its start."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from offmic import worker
from offmic.fleet import server
from offmic.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from offmic.fleet.server import FleetServer


def server_with(calls: int) -> FleetServer:
    return cast("FleetServer", SimpleNamespace(calls=calls))


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "get_cpu_monitor", lambda: SimpleNamespace(cpu_count=lambda: 2.0))


def test_a_worker_without_calls_is_empty(two_cores: None) -> None:
    assert server.measure_load(server_with(0)) == 0


def test_two_calls_on_two_cores_leave_room_for_more(two_cores: None) -> None:
    threshold_of_start = 0.7
    assert server.measure_load(server_with(2)) < threshold_of_start


def test_a_worker_never_says_that_it_is_full_so_that_dev_gets_its_job(two_cores: None) -> None:
    assert server.measure_load(server_with(1000)) < 1


def test_a_file_that_was_broken_since_the_start_leaves_nothing_to_look_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    file = tmp_path / "secrets.toml"
    file.write_text('[door-code]\nlabel = "door code"\nvalue = "48')
    settings = load_settings({"OFFMIC_SECRETS": str(file)}, dotenv=None)
    read: Any = worker._read_secrets  # noqa: SLF001 - what an entrypoint does first
    assert read(settings).records == ()
    assert "no secret can be looked up" in caplog.text
    assert "48" not in caplog.text.replace(str(tmp_path), "")
