"""Notes where Python code of a watched process wants to connect; it must never stop it.

Python imports this by its name at the start of every process whose PYTHONPATH leads here; forked
children inherit the hook.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

_FILE = os.environ.get("OFFMIC_TEST_AUDIT")
_WATCHED = {
    "socket.connect",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
}


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _WATCHED:
        return
    address = (
        arguments[1]
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}
        else (arguments[:2])
    )
    where = "".join(traceback.format_stack(limit=8)[:-1])
    line = json.dumps(
        {"event": event, "address": address, "pid": os.getpid(), "where": where}, default=repr
    )
    # One write to a file opened for appending: lines of several processes do not mix.
    descriptor = os.open(str(_FILE), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode() + b"\n")
    finally:
        os.close(descriptor)


if _FILE:
    sys.addaudithook(_note)
