"""Loads the on-device models by being imported, so that job processes can be forked with them.

For `AgentServer(preload_modules=["offmic.local.preload"])` alone. Both engines run on the
caller's thread, so nothing is lost in a fork. It must never stop the server: what is missing is
reported by the job's own `prewarm`.
"""

from __future__ import annotations

import contextlib

from offmic.errors import MissingPartError
from offmic.local import recogniser, voice

with contextlib.suppress(MissingPartError):
    recogniser.load()
with contextlib.suppress(MissingPartError):
    voice.load()
