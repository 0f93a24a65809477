"""Each bench says what it measures when it is asked for help, and measures nothing then."""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

_PROJECT: Final = Path(__file__).parents[2]
_WORKERS: Final = frozenset({"bare_worker", "plain_desk", "two_desks"})
"""Run in the place of `main.py`, with the framework's command line."""
_BENCHES: Final = sorted(
    path.stem
    for path in (_PROJECT / "bench").glob("*.py")
    if '__name__ == "__main__"' in path.read_text()
)


def test_benches_are_found() -> None:
    assert {"__main__", "turns", "interruptions", "starts"} < {*_BENCHES}
    assert {*_BENCHES} > _WORKERS


@pytest.mark.parametrize("name", [name for name in _BENCHES if name not in _WORKERS])
def test_a_bench_that_is_asked_for_help_describes_itself_and_starts_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def begin(*_: object, **__: object) -> None:
        pytest.fail("it began to measure")

    monkeypatch.setattr(asyncio, "run", begin)
    monkeypatch.setattr(subprocess, "Popen", begin)
    module = importlib.import_module(f"bench.{name}")
    with pytest.raises(SystemExit) as ended:
        module.main(["--help"])
    assert ended.value.code == 0
    usage, said, *_ = capsys.readouterr().out.split("\n\n")
    assert usage.startswith(f"usage: python -m bench{'' if name == '__main__' else f'.{name}'} ")
    assert said.rstrip().endswith(".")


@pytest.mark.parametrize("name", sorted(_WORKERS))
def test_a_worker_to_compare_with_answers_for_help_without_a_setting(
    name: str, tmp_path: Path
) -> None:
    bare = {key: text for key, text in os.environ.items() if not key.startswith("OFFMIC_")}
    done = subprocess.run(
        [sys.executable, _PROJECT / "bench" / f"{name}.py", "--help"],
        cwd=tmp_path,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout
