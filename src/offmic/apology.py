"""When a part fails for good in mid-call, the caller hears so; held text is never said instead."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from offmic.phrases import CANNOT_SPEAK_NOW

if TYPE_CHECKING:
    from livekit.agents import AgentSession, ErrorEvent

_log = logging.getLogger("offmic")


def apologise_on_failure(session: AgentSession[Any]) -> None:
    """Say an apology when recogniser or model fail and none is left to take over.

    Args:
        session: the session whose errors are heard.
    """

    def on_error(event: ErrorEvent) -> None:
        kind = getattr(event.error, "type", "error")
        if getattr(event.error, "recoverable", True):
            return
        # Static: a provider's own message may quote what it was sent.
        _log.error("a provider failed and none is left to take over", extra={"part": kind})
        if kind != "tts_error":
            session.say(CANNOT_SPEAK_NOW)

    session.on("error", on_error)
