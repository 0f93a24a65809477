"""Where jobs find the process that holds the models: said before either of them is started.

It must import nothing that loads: the fork server waits for it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SOCKET: Final = "OFFMIC_MODELS_SOCKET"
KEY: Final = "OFFMIC_MODELS_KEY"
"""Set by a worker for its own jobs, never by hand."""
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class MeetingPlace:
    """A socket in a folder that nobody else can enter, and the key that opens it.

    Args:
        folder: made for this worker, removed with it.
        key: `KEY_BYTES` bytes that nobody guesses.
    """

    folder: Path
    key: bytes = field(repr=False)

    @property
    def socket(self) -> str:
        """The path of the socket."""
        return str(self.folder / "socket")

    def announce(self) -> None:
        """Let the processes that this one starts from now on know of it."""
        os.environ[SOCKET] = self.socket
        os.environ[KEY] = self.key.hex()


def choose() -> MeetingPlace:
    """Make a place of this worker's own; it is removed when this process ends."""
    folder = tempfile.mkdtemp(prefix="offmic-models-")
    atexit.register(_remove, folder, os.getpid())
    return MeetingPlace(Path(folder), os.urandom(KEY_BYTES))


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
