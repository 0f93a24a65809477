"""Ports that are free and stay ours; two test runs side by side must never get the same one.

A port is ours while we hold the lock on its file. They lie below the range from which the kernel
takes ports for outgoing connections.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import Final

_FIRST: Final = 20_000
_LAST: Final = 32_000
_held: dict[int, int] = {}


def reserve_port() -> int:
    """Return a port that no process listens on, TCP or UDP, and that no other run will take."""
    locks = Path(tempfile.gettempdir()) / f"offmic-test-ports-{os.getuid()}"
    locks.mkdir(exist_ok=True)
    for _ in range(1000):
        port = random.randint(_FIRST, _LAST)
        if port in _held:
            continue
        descriptor = os.open(locks / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        if not is_free(port):
            os.close(descriptor)
            continue
        _held[port] = descriptor
        return port
    raise RuntimeError(f"no free port between {_FIRST} and {_LAST}")


def release_port(port: int) -> None:
    """Let others have the port."""
    os.close(_held.pop(port))


def is_free(port: int) -> bool:
    """Say whether nothing is bound to the port on loopback, TCP or UDP."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if kind == socket.SOCK_DGRAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
