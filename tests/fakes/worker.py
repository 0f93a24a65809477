"""The real worker as its user starts it; it must never leave a process behind.

It runs in a folder of its own, so that no `.env` or `secrets.toml` of the machine's owner is read,
and with an environment that holds nothing but what the test says.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.fakes.sfu import Sfu

PROJECT: Final = Path(__file__).resolve().parents[2]
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_READY: Final = "registered worker"
_START_TIMEOUT_S: Final = 90.0
_STOP_TIMEOUT_S: Final = 20.0
_SHOWN: Final = 6000


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a machine where only these settings were made."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONUNBUFFERED": "1", "OFFMIC_PORT": "0"} | dict(extra or {})


def sfu_settings(sfu: Sfu) -> dict[str, str]:
    """Return the settings that lead a worker to this server."""
    return {
        "LIVEKIT_URL": sfu.url,
        "LIVEKIT_API_KEY": sfu.api_key,
        "LIVEKIT_API_SECRET": sfu.api_secret,
    }


class Worker:
    """`python main.py …` in a process group of its own.

    Args:
        settings: what is set in its environment.
        command: the words after `main.py`.
        program: what is run in the place of `main.py`, from the project's root.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        command: tuple[str, ...] = ("dev", "--log-level", "DEBUG"),
        program: str = "main.py",
    ) -> None:
        self.settings = dict(settings)
        self.command = command
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="offmic-worker-")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def folder(self) -> Path:
        """Where it runs."""
        return Path(self._folder.name)

    @property
    def output(self) -> str:
        """All that it and its children wrote so far, stdout and stderr."""
        return (self.folder / "output").read_text(errors="replace")

    @property
    def returncode(self) -> int | None:
        assert self._process is not None
        return self._process.poll()

    def processes(self) -> list[psutil.Process]:
        """Return every living process that it started, itself included.

        They share its session whoever their parent is.
        """
        return [p for p in psutil.process_iter() if _session(p.pid) == self.pid and _lives(p)]

    def launch(self) -> None:
        """Start it and do not wait."""
        with (self.folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(PROJECT / self._program), *self.command],
                cwd=self.folder,
                env=environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    async def start(self) -> None:
        """Start it and wait until it has registered with the server."""
        self.launch()
        await self.wait_for_output(_READY, _START_TIMEOUT_S)

    async def wait_for_output(self, words: str, timeout_s: float = 30.0, count: int = 1) -> None:
        """Wait until these words stand in its output, this many times."""

        def check() -> bool:
            if self.returncode is not None:
                raise AssertionError(f"the worker ended:\n{self.output[-4000:]}")
            return self.output.count(words) >= count

        try:
            await eventually(check, timeout_s, f"{words!r} in the worker's output")
        except AssertionError as error:
            error.add_note(self.output[-4000:])
            raise

    async def wait(self, timeout_s: float) -> int:
        """Wait until it ends by itself and return its exit code."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, timeout_s)

    async def stop(self) -> list[str]:
        """End it as a user does.

        Returns:
            The command lines of what was still running when it had ended; all of it is gone now.
        """
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, _STOP_TIMEOUT_S)
        left = await self._left_over()
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await asyncio.to_thread(self._process.wait, _STOP_TIMEOUT_S)
        return left

    def cleanup(self) -> None:
        """Remove its folder."""
        self._folder.cleanup()

    async def _left_over(self) -> list[str]:
        # Helpers such as the fork server end by themselves once their pipe is closed.
        with suppress(AssertionError):
            await eventually(lambda: not self.processes(), 5.0, "no process left")
        lines = []
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                lines.append(" ".join(process.cmdline()))
        return lines


@asynccontextmanager
async def running_worker(
    sfu: Sfu,
    settings: Mapping[str, str] | None = None,
    command: tuple[str, ...] = ("dev", "--log-level", "DEBUG"),
    program: str = "main.py",
) -> AsyncIterator[Worker]:
    """Run a worker that has registered; afterwards nothing of it may be left."""
    worker = Worker(sfu_settings(sfu) | dict(settings or {}), command, program)
    try:
        try:
            await worker.start()
            yield worker
        except Exception as error:
            error.add_note(f"the worker's output:\n{worker.output[-_SHOWN:]}")
            raise
        finally:
            left = await worker.stop()
        assert not left, f"still running after the worker ended: {left}"
    finally:
        worker.cleanup()


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
