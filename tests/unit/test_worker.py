"""What the worker says of its load, and how it takes a file that was broken since its start."""

from __future__ import annotations

import logging
import os
import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from offmic import fork_server, worker
from offmic.fleet import server
from offmic.fleet.shift import SIGNAL_HAND_OVER, Shift
from offmic.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from livekit.agents import JobContext, JobProcess

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


async def test_a_job_whose_room_is_anothers_never_joins_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def taken(*_: object) -> None:
        return None

    monkeypatch.setattr(Shift, "begin", taken)
    settings = load_settings({}, dotenv=None)
    ended: list[str] = []
    # It has no more than this: whatever else is asked of it fails.
    job = SimpleNamespace(
        proc=SimpleNamespace(userdata={"settings": settings}),
        is_fake_job=lambda: False,
        shutdown=ended.append,
    )
    await worker.entrypoint(cast("JobContext", job))
    assert ended


def test_a_process_without_a_job_survives_the_signal_to_hand_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class FurtherOnError(Exception):
        """It came as far as this."""

    def stop() -> None:
        raise FurtherOnError

    monkeypatch.setattr(fork_server, "catch_up", stop)
    before = signal.getsignal(SIGNAL_HAND_OVER)
    try:
        with pytest.raises(FurtherOnError):
            worker.prewarm(cast("JobProcess", None))
        os.kill(os.getpid(), SIGNAL_HAND_OVER)
    finally:
        signal.signal(SIGNAL_HAND_OVER, before)


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
