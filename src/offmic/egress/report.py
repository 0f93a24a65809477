"""What a session leaves behind: history, report, why it ended; no value, no sound may be in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livekit.agents import JobContext, llm
from livekit.agents.voice.report import SessionReport

from offmic.errors import OffmicError
from offmic.metrics import Sink

if TYPE_CHECKING:
    from livekit.agents.voice.agent_session import RecordingOptions

    from offmic.egress.redactor import Redactor


class RecordingError(OffmicError):
    """Sound was to be recorded, and with it what callers say."""


def install(redactor: Redactor) -> None:
    """Look through every history and report that this process writes out, and why its job ends."""
    for kind in (llm.ChatContext, SessionReport):
        _look_through(kind, redactor)
    shutdown = JobContext.shutdown

    def end(self: JobContext, reason: str = "user requested") -> None:
        # The worker's process logs the reason, and has no vault.
        shutdown(self, redactor.text(reason, Sink.LOG))

    JobContext.shutdown = end  # type: ignore[method-assign]


def _look_through(kind: Any, redactor: Redactor) -> None:
    to_dict = kind.to_dict

    def look_through(self: Any, **options: Any) -> Any:
        return redactor.value(to_dict(self, **options), Sink.REPORT)

    kind.to_dict = look_through


def recording(asked: bool | RecordingOptions) -> RecordingOptions:
    """Return what a session may record where an application asks for it; nothing by default.

    Args:
        asked: what `AgentSession.start` takes as `record`.

    Raises:
        RecordingError: sound was asked for by name.
    """
    if isinstance(asked, dict) and asked.get("audio"):
        raise RecordingError(
            "recording of sound is refused, for it holds what callers say; leave `audio` out of "
            "`record`, or set it to False"
        )
    wanted = bool(asked)
    chosen: RecordingOptions = {"traces": wanted, "logs": wanted, "transcript": wanted}
    if isinstance(asked, dict):
        chosen |= asked
    chosen["audio"] = False
    return chosen
