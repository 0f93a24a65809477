"""A session without voice: what is typed, what is written, delivered, and sent to the model."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, cast

from livekit.agents.voice import io

from offmic.agent import ConfidentialAgent
from offmic.call import Call
from offmic.secrets import Kind
from offmic.secrets.sources import Record, SecretsFile
from offmic.session import ConfidentialSession
from tests.fakes.scripted_model import ScriptedModel, Step, as_text
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from offmic.delivery import Channel
    from tests.fakes.recording_channel import RecordingChannel

VALUE = "tulip-Harbour-42"


class Transcript(io.TextOutput):
    """Keeps what the agent writes."""

    def __init__(self) -> None:
        super().__init__(label="transcript", next_in_chain=None)
        self.text = ""

    async def capture_text(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        self.text += "\n"


class Talk:
    """A session of one call, whose model follows a script."""

    def __init__(self, steps: list[Step], channel: RecordingChannel, path: Path) -> None:
        self.channel = channel
        self.model = ScriptedModel(steps)
        record = Record(
            "wifi-password",
            "Wi-Fi password",
            VALUE,
            ("wifi",),
            Kind.PASSWORD,
            None,
            once=False,
        )
        self.call = Call(SecretsFile(path, [record]), secret_ttl_s=120)
        self.call.connect(cast("Channel", channel))
        self.vault = self.call.vault
        self.session = ConfidentialSession(self.call, llm=self.model, vad=None)
        self.transcript = Transcript()
        self.session.output.transcription = self.transcript

    async def start(self, agent: ConfidentialAgent | None = None) -> None:
        await self.session.start(
            agent or ConfidentialAgent(self.call, instructions="Be brief."), record=False
        )

    async def type(self, text: str) -> str:
        """Type a message and return what the agent wrote in answer."""
        before = len(self.transcript.text)
        with contextlib.suppress(RuntimeError):
            await self.session.generate_reply(user_input=text)
        return self.transcript.text[before:].strip()

    async def type_until(self, text: str, written: str) -> None:
        """Type a message and wait until the agent has written this behind it."""
        before = len(self.transcript.text)
        self.session.generate_reply(user_input=text)
        await self.wrote(written, before)

    async def wrote(self, written: str, since: int = 0) -> None:
        """Wait until the agent has written this."""
        await eventually(
            lambda: written in self.transcript.text[since:],
            30.0,
            f"{written!r} in {self.transcript.text!r}",
        )

    def everything(self) -> str:
        """All that is kept, written or sent to a model."""
        kept = as_text(self.session.history)
        return "\n".join([kept, self.transcript.text, self.model.requested()])
