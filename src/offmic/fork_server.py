"""Starts what job processes are forked off, while the worker itself still imports.

It must begin after all that jobs find in the environment was set, for they inherit it from here.
"""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_FRAMEWORK: Final = (
    "livekit.agents.ipc._preload",
    # The last one: what was imported before it stays shared.
    "livekit.agents.ipc._preload_freeze",
)


def begin(modules: Iterable[str], *, dev: bool) -> None:
    """Start the fork server, which imports these modules and then the framework's own warm-up.

    The framework finds it running. Where it does not fork, nothing happens.

    Args:
        modules: those that `AgentServer(preload_modules=...)` gets as well, and the plugins'.
        dev: whether this is `dev`, of which the framework tells jobs by the environment.
    """
    if not sys.platform.startswith("linux"):
        return
    if dev:
        os.environ["LIVEKIT_DEV_MODE"] = "1"
    forkserver.set_forkserver_preload([*modules, *_OF_FRAMEWORK])
    forkserver.ensure_running()


def end() -> None:
    """End the fork server again, at once, whatever it is loading: there will be no worker."""
    server: Any = forkserver._forkserver  # noqa: SLF001 - it has no public twin, nor its parts
    if server._forkserver_pid is not None:  # noqa: SLF001
        os.kill(server._forkserver_pid, signal.SIGKILL)  # noqa: SLF001
        server._stop()  # noqa: SLF001 - takes its exit code


def load_certificates() -> None:
    """Load in the worker what its connections need, which the framework keeps for the process."""
    from livekit.agents.utils import http_context

    http_context._set_default_cert_env()  # noqa: SLF001 - it has no public twin
    http_context._create_ssl_context()  # noqa: SLF001 - likewise


def catch_up() -> None:
    """Set in a job what the framework puts into the worker's environment after `begin`.

    Without a system's certificates the room could not be joined over TLS.
    """
    from livekit.agents.utils import http_context

    http_context._set_default_cert_env()  # noqa: SLF001 - it has no public twin
