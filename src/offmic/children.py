"""Programs that run beside each other; none of them may be left running, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STOP_S: Final = 10.0
_LONGEST_LINE_BYTES: Final = 1 << 20
_LAST_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Program:
    """Something to run beside the others.

    Args:
        name: what its lines are marked with.
        command: the program and its arguments.
        environ: its whole environment.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Program({self.name})"  # the environment holds keys


class Child:
    """A running program with a process group of its own, its output passed on line by line.

    Args:
        name: the program's name.
        process: its first process, the leader of its group.
        passing: the task that passes its output on.
        last_lines: the newest of them.
    """

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        passing: asyncio.Task[None],
        last_lines: deque[str],
    ) -> None:
        self.name = name
        self.last_lines = last_lines
        self._process = process
        self._passing = passing

    @classmethod
    async def start(cls, program: Program, print_line: Callable[[str], None]) -> Child:
        """Start a program; its standard input is empty.

        Args:
            program: what to start.
            print_line: gets each line of its output, as it comes.
        """
        # A pipe of our own: with asyncio's, `wait()` lasts until every descendant has closed it.
        read_end, write_end = os.pipe()
        output = os.fdopen(read_end, "rb", buffering=0)  # the transport closes it
        try:
            lines = asyncio.StreamReader(_LONGEST_LINE_BYTES)
            await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(lines), output
            )
            process = await asyncio.create_subprocess_exec(
                *program.command,
                env=program.environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                start_new_session=True,
            )
        finally:
            os.close(write_end)
        last_lines: deque[str] = deque(maxlen=_LAST_LINES)

        def pass_on(line: str) -> None:
            last_lines.append(line)
            print_line(line)

        passing = asyncio.create_task(_pass_on(lines, pass_on))
        return cls(program.name, process, passing, last_lines)

    async def ended(self) -> str:
        """Wait until the program has ended, and return a line that says how."""
        code = await self._process.wait()
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        return f"the {self.name} ended ({how}): its last lines above say why"

    async def stop(self) -> None:
        """End the program and all that it started; by force after `STOP_S` seconds."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                # The leader alone: it ends its own children in the order that it needs.
                self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._passing, STOP_S)


async def _pass_on(lines: asyncio.StreamReader, print_line: Callable[[str], None]) -> None:
    while True:
        try:
            line = await lines.readline()
        except ValueError:  # longer than any line to read: it is dropped, the rest goes on
            continue
        if not line:
            return
        print_line(line.decode(errors="replace").rstrip())
