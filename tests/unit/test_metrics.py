"""Figures of many processes are served together, and those of ended ones neither lost nor kept."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from offmic.metrics_files import fold
from tests.fakes.worker import PROJECT, environment

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
from offmic import metrics
from offmic.guard import Direction, Via
from offmic.secrets import Kind
metrics.share_folder()
metrics.count_diverted(Kind.CARD, Via.PATTERN, Direction.IN)
metrics.time_part(metrics.Part.LLM, 0.25)
"""


def _job(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT,
        env=environment({"PROMETHEUS_MULTIPROC_DIR": str(folder)}),
        timeout=60,
        check=True,
    )


def _read(folder: Path) -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    return registry


def _card(folder: Path) -> float | None:
    labels = {"kind": "card", "via": "pattern", "direction": "in"}
    return _read(folder).get_sample_value("offmic_diverted_total", labels)


def test_figures_of_jobs_that_ended_are_added_up_in_files_that_do_not_multiply(
    tmp_path: Path,
) -> None:
    for number in range(1, 4):
        _job(tmp_path)
        fold(str(tmp_path))
        assert _card(tmp_path) == number
        assert len(list(tmp_path.iterdir())) == 2  # one of counters, one of histograms
    total = _read(tmp_path).get_sample_value("offmic_turn_seconds_sum", {"part": "llm"})
    assert total == 0.75


def test_files_of_a_process_that_lives_are_left_alone(tmp_path: Path) -> None:
    alive = tmp_path / f"counter_{os.getpid()}.db"
    alive.write_bytes(b"")
    fold(str(tmp_path))
    assert alive.exists()
