"""What the worker says of its load, and how it takes a file that was broken since its start."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from offmic import worker
from offmic.fleet import server
from offmic.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from offmic.fleet.server import FleetServer


# The SFU's `agents.target_load`: it sends nothing to a worker that reports so much.
TARGET_LOAD = 0.7


def server_with(calls: int) -> FleetServer:
    return cast("FleetServer", SimpleNamespace(calls=calls, capacity=12))


def test_a_worker_without_calls_is_empty() -> None:
    assert server.measure_load(server_with(0)) == 0


def test_the_sfu_sends_calls_until_the_worker_is_full_and_no_more() -> None:
    assert server.measure_load(server_with(11)) < TARGET_LOAD
    assert server.measure_load(server_with(12)) >= TARGET_LOAD


def test_the_load_counts_what_was_taken_beyond() -> None:
    assert server.measure_load(server_with(1000)) == TARGET_LOAD


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
