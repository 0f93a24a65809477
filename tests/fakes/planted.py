"""What a careless agent writes: values in every place that leaves a process, for tests to look for.

Nothing here is redacted: it must leave through what is tested.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import threading
from typing import Final

REGISTERED: Final = "Kestrel-Quartz-93!"
"""A value that a vault knows."""
PIN: Final = "739105"
UNREGISTERED: Final = "sk-proj-9fQ2mZ7xKd0Rb3WvTn5LpYc8"
"""A key of a provider that no vault knows."""
SPOKEN: Final = "seven three nine one zero five"

_log = logging.getLogger("careless.provider")


class CarelessError(Exception):
    """Quotes what it failed with."""


def log_everything(value: str, log: logging.Logger = _log) -> None:
    """Put a value into each part of a record."""
    log.debug("the answer is %s", value)
    log.debug(f"in the text {value}")  # noqa: G004 - what careless code does
    log.info("named %(what)s", {"what": value})
    log.info(
        "an extra", extra={"lk.pii.text": f"it is {value}", "deep": {"a": [value, {value: 1}]}}
    )
    log.info("bytes", extra={"raw": value.encode(), "object": CarelessError(value)})
    log.log(5, "below debug %r", value)
    try:
        try:
            raise CarelessError(f"cannot use {value}")
        except CarelessError as error:
            raise RuntimeError("second") from error
    except RuntimeError:
        log.exception("it failed")
    log.warning("with a stack", stack_info=True, extra={"escaped": value.encode().hex()})
    logging.getLogger(f"named.{value}").error("by its name")


def write_everything(value: str) -> None:
    """Put a value into both streams, by Python and natively."""
    print("printed", value)  # noqa: T201 - what careless code does
    sys.stderr.write(f"to stderr {value}\n")
    print(value[:3], end="")  # noqa: T201
    print(value[3:])  # noqa: T201
    os.write(1, f"descriptor {value}\n".encode())
    libc = ctypes.CDLL(None)
    line = f"native {value}\n".encode()
    libc.write(2, line, len(line))
    thread = threading.Thread(target=_fail, args=(value,))
    thread.start()
    thread.join()


def _fail(value: str) -> None:
    raise CarelessError(f"a thread had {value}")
