"""When a part fails for good in mid-call, the caller hears so; held text is never said instead."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import NOT_GIVEN
from livekit.agents.utils.audio import audio_frames_from_file

from offmic.phrases import CANNOT_SPEAK_NOW

if TYPE_CHECKING:
    from livekit.agents import AgentSession, ErrorEvent

_log = logging.getLogger("offmic")

_RECORDED: Final = Path(__file__).parent / "data" / "apology.ogg"
"""The same words, spoken once by the on-device voice: for when it is the voice that fails."""
_RATE_HZ: Final = 24_000
MODEL_ERROR: Final = "llm_error"
VOICE_ERROR: Final = "tts_error"
"""The framework's names for what failed."""


def apologise(session: AgentSession[Any], part: str) -> None:
    """Say that something went wrong: a part failed and none is left to take over.

    Args:
        session: whose caller is told.
        part: the type of the error.
    """
    # Static: a provider's own message may quote what it was sent.
    _log.error("a provider failed and none is left to take over", extra={"part": part})
    voiceless = part == VOICE_ERROR
    recorded = audio_frames_from_file(str(_RECORDED), _RATE_HZ) if voiceless else NOT_GIVEN
    session.say(CANNOT_SPEAK_NOW, audio=recorded)


def apologise_on_failure(session: AgentSession[Any]) -> None:
    """Say an apology when the recogniser or the voice fails for good.

    A model's failure is not final here: its answer may begin anew, as `ConfidentialAgent.llm_node`
    knows.

    Args:
        session: the session whose errors are heard.
    """

    def on_error(event: ErrorEvent) -> None:
        part = getattr(event.error, "type", "error")
        if part != MODEL_ERROR and not getattr(event.error, "recoverable", True):
            apologise(session, part)

    session.on("error", on_error)
