"""The sinks, each one entry of a table: where what an agent does can be read by somebody.

A sink only reads. What it reads is searched elsewhere, for values and for the words that the audit
planted itself: a sink in which those are not found was not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.caller_audio import EAR_HZ
from offmic.local.audio import trim_silence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from offmic.audit.listener import Listener
    from offmic.audit.play import Seen
    from offmic.audit.stage import Subject


@dataclass(frozen=True)
class Evidence:
    """All that there is to read when the calls are over.

    Args:
        seen: what the people in each room got.
        listener: what the model and the collector of traces got.
        subject: the worker, which has ended.
    """

    seen: Sequence[Seen]
    listener: Listener
    subject: Subject


@dataclass(frozen=True)
class Sink:
    """A place where a value must not be.

    Args:
        name: what it is called.
        read: returns its texts: one for each call, or one for all.
        said: whether these are people's words and nothing else.
        heard: whether a recogniser wrote them, which mishears a word now and then.
    """

    name: str
    read: Callable[[Evidence], list[str]]
    said: bool = False
    heard: bool = False


def _audio(pieces: Sequence[NDArray[np.int16]]) -> str:
    from offmic.local import recogniser  # late: it takes half a second, and `--help` needs none

    trimmed = (trim_silence(piece, EAR_HZ) for piece in pieces)
    return "\n".join(recogniser.transcribe(piece, EAR_HZ) for piece in trimmed if piece.size)


def _logs(output: str, *, of_log: bool) -> str:
    lines = output.splitlines()
    return "\n".join(line for line in lines if line.startswith("{") == of_log)


SINKS: Final = (
    Sink("agent audio", lambda e: [_audio(s.audio) for s in e.seen], said=True, heard=True),
    Sink("lk.transcription", lambda e: [s.transcript for s in e.seen], said=True),
    Sink("chat history", lambda e: [e.subject.report(s.room, "history") for s in e.seen]),
    Sink("model requests", lambda e: ["\n".join(e.listener.requests)]),
    Sink("logs at DEBUG", lambda e: [_logs(e.subject.output, of_log=True)]),
    Sink("stdout", lambda e: [_logs(e.subject.output, of_log=False)]),
    Sink("stderr", lambda e: [e.subject.errors]),
    Sink("OTel spans", lambda e: ["\n".join(e.listener.telemetry)]),
    Sink("session report", lambda e: [e.subject.report(s.room, "report") for s in e.seen]),
    Sink("files", lambda e: [e.subject.files]),
    Sink(
        "another's audio",
        lambda e: [_audio(s.other_audio) for s in e.seen],
        said=True,
        heard=True,
    ),
    Sink("another's messages", lambda e: [s.other for s in e.seen]),
    Sink("a hidden one", lambda e: [s.hidden for s in e.seen]),
)
"""All of them, in the order of the report."""
