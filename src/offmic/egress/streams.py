"""Standard output and error of a job process; not a byte may pass that was not looked through.

Native libraries write to the descriptors and not to `sys.stdout`, so the descriptors themselves
become pipes. A thread reads them, looks through what comes, and writes on. Where the process dies
at once, by a signal or in native code, what it had not read yet is lost: it is not let out.
"""

from __future__ import annotations

import atexit
import codecs
import contextlib
import faulthandler
import fcntl
import os
import select
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from offmic.egress.redactor import LONGEST, WITHHELD, read, write
from offmic.guard import Guard, Said
from offmic.metrics import EGRESS_FAILURES, REDACTED, Sink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offmic.egress.redactor import Redactor
    from offmic.guard import Segment

_READ_SIZE: Final = 65_536
_IDLE_S: Final = 1.0
"""After this long without more, what is held back is decided: a prompt must not wait for ever."""
_PIPE_SIZE: Final = 1_048_576
"""The most that Linux allows: native code that writes while it keeps Python from running must not
wait for the thread that reads, which would wait for it."""
_STDOUT: Final = 1
_STDERR: Final = 2


class TextFilter:
    """Looks through one stream, however it is cut into writes.

    Args:
        redactor: of this process.
        sink: which stream this is.
    """

    def __init__(self, redactor: Redactor, sink: Sink) -> None:
        self._redactor = redactor
        self._sink = sink
        self._reset()

    def feed(self, data: bytes) -> bytes:
        """Take what was written; return what may go on, line by line."""
        return self._pass(data, final=False)

    def flush(self) -> bytes:
        """Return what was held back, as far as it may go on."""
        return self._pass(b"", final=True)

    def _reset(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._guard = Guard(self._redactor.known)
        self._line = ""

    def _pass(self, data: bytes, *, final: bool) -> bytes:
        try:
            written = self._line + self._decoder.decode(data, final)
            whole, end, rest = written.rpartition("\n")
            if final or len(rest) > LONGEST:
                whole, end, rest = whole + end + rest, "", ""
            self._line = rest
            text = "".join(map(self._look, (whole + end).splitlines(keepends=True)))
            if final:
                text += self._write(self._guard.flush())
        except Exception:  # noqa: BLE001 - whatever it is, the text must not go out
            EGRESS_FAILURES.labels(self._sink.value).inc()
            self._reset()
            text = f"{WITHHELD}\n"
        return text.encode("utf-8", "surrogateescape")

    def _look(self, line: str) -> str:
        words = self._write(read(self._guard, self._redactor.escapes(line)))
        if not self._guard.holds:
            # No value has begun that the next line may end, and that line is another's.
            words += self._write(self._guard.flush())
        return words

    def _write(self, parts: Sequence[Segment]) -> str:
        if not all(isinstance(part, Said) for part in parts):
            REDACTED.labels(self._sink.value).inc()
        return write(parts)


class _Pipe:
    """One descriptor: what is written to it comes out of the filter."""

    def __init__(self, descriptor: int, text: TextFilter) -> None:
        self.target = os.dup(descriptor)
        self.source, write_end = os.pipe()
        os.set_blocking(self.source, False)
        with contextlib.suppress(OSError):
            fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        os.dup2(write_end, descriptor)
        os.close(write_end)
        self._text = text

    def pump(self) -> bool:
        """Pass on what can be read now; return whether there was anything."""
        some = False
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.source, _READ_SIZE):
                some = True
                self._write(self._text.feed(data))
        return some

    def finish(self) -> None:
        """Pass on what is held back."""
        self._write(self._text.flush())

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self.target, data) :]
            except BlockingIOError:
                select.select([], [self.target], [], _IDLE_S)
            except BrokenPipeError:
                return  # nobody reads any more


class Streams:
    """Both streams of this process.

    Args:
        redactor: of this process.
    """

    def __init__(self, redactor: Redactor) -> None:
        _flush_python()
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._pipes = [
            _Pipe(_STDOUT, TextFilter(redactor, Sink.STDOUT)),
            _Pipe(_STDERR, TextFilter(redactor, Sink.STDERR)),
        ]
        # Frames alone, no values; a crash leaves no time for a filter.
        faulthandler.enable(os.fdopen(self._pipes[1].target, "wb", closefd=False))
        threading.Thread(target=self._run, name="egress", daemon=True).start()

    def drain(self) -> None:
        """Pass on all that was written so far."""
        if os.getpid() != self._process:
            return  # a forked child: its parent reads what it wrote
        _flush_python()
        with self._lock:
            for pipe in self._pipes:
                pipe.pump()
                pipe.finish()

    def _run(self) -> None:
        poll = select.poll()
        for pipe in self._pipes:
            poll.register(pipe.source, select.POLLIN)
        quiet = True
        while True:
            ready = poll.poll(None if quiet else _IDLE_S * 1000)
            with self._lock, contextlib.suppress(OSError):
                for pipe in self._pipes:
                    if ready:
                        pipe.pump()
                    else:
                        pipe.finish()
            quiet = not ready


def install(redactor: Redactor) -> Streams:
    """Put the filter before both streams of this process, until it ends."""
    streams = Streams(redactor)
    leave: Any = os._exit

    def drain_and_leave(status: int) -> None:
        with contextlib.suppress(Exception):
            streams.drain()
        leave(status)

    atexit.register(streams.drain)
    # A forked job ends here and not there.
    os._exit = drain_and_leave  # type: ignore[assignment]
    return streams


def _flush_python() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
