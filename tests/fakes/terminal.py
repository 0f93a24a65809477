"""A terminal with a program in it, typed into and read; it must never leave the program running."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from tests.fakes.waiting import eventually
from tests.fakes.worker import PROJECT, environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

_CONTROL: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>]|\r")
_SIZE: Final = struct.pack("HHHH", 50, 120, 0, 0)
_STOP_TIMEOUT_S: Final = 15.0
_PROMPT: Final = "\u276f"
_ECHO_S: Final = 3.0
_KEY_TRIES: Final = 10


class Terminal:
    """A program with a pseudo-terminal for stdin, stdout and stderr.

    Args:
        process: the program.
        descriptor: our end of the terminal.
    """

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self._raw = b""
        os.set_blocking(descriptor, False)
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    @property
    def screen(self) -> str:
        """All that was printed so far, without colours and movements of the cursor."""
        return _CONTROL.sub("", self._raw.decode("utf-8", "replace"))

    async def enter(self, line: str) -> None:
        """Type a line, key by key, and press the return key.

        A program that changes the terminal's mode for each key loses what is typed meanwhile, so
        each key is typed until it shows.
        """
        begin = len(self.screen)
        for typed in range(1, len(line) + 1):
            for _ in range(_KEY_TRIES):
                os.write(self._descriptor, line[typed - 1].encode())
                with suppress(AssertionError):
                    await self.wait_for(f"{_PROMPT} {line[:typed]}", _ECHO_S, begin)
                    break
            else:
                raise AssertionError(f"the terminal does not take the key {line[typed - 1]!r}")
        os.write(self._descriptor, b"\r")

    async def wait_for(self, words: str, within_s: float, after: int = 0) -> None:
        """Wait until these words are on the screen.

        Args:
            words: what to look for.
            within_s: how long at most, in seconds.
            after: look behind this many characters of the screen.
        """

        def check() -> bool:
            return words in self.screen[after:]

        try:
            await eventually(check, within_s, f"{words!r} on the screen")
        except AssertionError as error:
            error.add_note(self.screen[-4000:])
            raise

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)

    def _read(self) -> None:
        try:
            self._raw += os.read(self._descriptor, 65536)
        except OSError:  # the program has gone: Linux says EIO
            asyncio.get_running_loop().remove_reader(self._descriptor)


@asynccontextmanager
async def terminal(
    arguments: list[str], settings: Mapping[str, str], folder: Path
) -> AsyncIterator[Terminal]:
    """Run `main.py` in a terminal; afterwards nothing of it is left."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, _SIZE)
    process = subprocess.Popen(  # noqa: ASYNC220 - it runs beside the test
        [sys.executable, str(PROJECT / "main.py"), *arguments],
        cwd=folder,
        env=environment(settings) | {"TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    one = Terminal(process, ours)
    try:
        yield one
    finally:
        for ask in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, ask)
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, _STOP_TIMEOUT_S)
                break
        one.close()
