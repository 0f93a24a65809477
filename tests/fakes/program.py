"""Runs a program of the project that is expected to end by itself; it must never wait for ever."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.fakes.worker import PROJECT, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TIMEOUT_S: Final = 60.0


@dataclass(frozen=True)
class Ended:
    """How a program ended.

    Args:
        code: its exit code.
        lines: what it wrote, stdout and stderr, blank lines left out.
    """

    code: int
    lines: list[str]

    def assert_refused(self, *words: str) -> None:
        """Assert one line that holds these words, exit code 2, and no traceback."""
        assert len(self.lines) == 1, self.lines
        assert self.code == 2, self
        for word in words:
            assert word in self.lines[0], self.lines[0]


def run_main(arguments: list[str], settings: Mapping[str, str], folder: Path) -> Ended:
    """Run `main.py` with these arguments in a folder of one's own until it ends.

    Args:
        arguments: the words after `main.py`.
        settings: what is set in its environment.
        folder: where it runs.
    """
    done = subprocess.run(
        [sys.executable, str(PROJECT / "main.py"), *arguments],
        cwd=folder,
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    return Ended(done.returncode, [line for line in done.stdout.splitlines() if line.strip()])
