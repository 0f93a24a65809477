"""A visitor who speaks to the agent and keeps what comes back, turn by turn.

Nothing is judged here: what an answer has to hold is the test's to say.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offmic.caller import Caller
from offmic.caller_audio import EAR_HZ
from offmic.delivery.channel import TOPIC_SECRET
from tests.fakes.ear import transcribe
from tests.fakes.voices import speak

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from livekit import rtc

    from tests.fakes.sfu import Sfu

_GREETING_TIMEOUT_S: Final = 60.0
_ANSWER_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True)
class Answer:
    """What came back in one turn.

    Args:
        heard: the agent's voice in words, by a recogniser of the tests' own.
        written: the agent's final lines of `lk.transcription`.
        understood: the visitor's own lines of `lk.transcription`.
        shown: label and value of each secret that was revealed.
    """

    heard: str
    written: str
    understood: str
    shown: list[tuple[str, str]]


class Visitor:
    """A caller in a room.

    Args:
        caller: connected.
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.sealed: list[str] = []
        """The streams of secrets that a client without the receiver got."""

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Label and value of each secret that was revealed so far."""
        return [(secret.label, secret.value) for secret in self.caller.received]

    @property
    def chat(self) -> list[str]:
        """What came on `lk.chat`."""
        return [str(e["text"]) for e in self.caller.events if e.get("topic") == "lk.chat"]

    async def greeted(self) -> None:
        """Wait until the agent is there and has greeted."""
        await self.caller.wait_for_agent(_GREETING_TIMEOUT_S)
        await self.caller.wait_for(lambda: self._lines("agent", 0), _GREETING_TIMEOUT_S)
        await self.caller.wait_until_idle(_GREETING_TIMEOUT_S)

    async def say(self, text: str, voice: str = "hibari") -> None:
        """Speak, and do not wait for an answer."""
        samples, sample_rate = await asyncio.to_thread(speak, text, voice)
        await self.caller.play_samples(samples, sample_rate, said=text)

    async def agent_is(self, state: str) -> None:
        """Wait until the agent is in this state."""
        await self.caller.wait_for(lambda: self.caller.state == state, _ANSWER_TIMEOUT_S)

    async def ask(
        self,
        text: str,
        voice: str = "hibari",
        *,
        until: str = "",
        within_s: float = _ANSWER_TIMEOUT_S,
    ) -> Answer:
        """Speak and keep what comes back until the agent is quiet again, or until time is over.

        Args:
            text: what to say.
            voice: `hibari` or `espeak-ng`.
            until: what the agent has to say before it counts as an answer.
            within_s: how long at most, in seconds.
        """
        events, secrets = len(self.caller.events), len(self.caller.received)
        samples = self.caller.agent_audio.size
        await self.say(text, voice)
        with suppress(TimeoutError):
            if until:
                await self.caller.wait_for(
                    lambda: until in " ".join(self._lines("agent", events)), within_s
                )
            await self.caller.wait_until_answered(events, within_s)
        audio = self.caller.agent_audio[samples:]
        return Answer(
            heard=await asyncio.to_thread(transcribe, audio, EAR_HZ),
            written=" ".join(self._lines("agent", events)),
            understood=" ".join(self._lines("you", events)),
            shown=self.shown[secrets:],
        )

    def keep_sealed(self, reader: rtc.TextStreamReader, _: str) -> None:
        """Note that a stream of secrets came, whoever it is for."""
        self.sealed.append(reader.info.stream_id)
        reader.close()

    def _lines(self, who: str, since: int) -> list[str]:
        return [
            str(e["text"])
            for e in self.caller.events[since:]
            if e["event"] == "transcript" and e["who"] == who and "topic" not in e
        ]


@asynccontextmanager
async def visitor(
    sfu: Sfu,
    room: str,
    identity: str = "visitor",
    *,
    receiver: bool = True,
    microphone: bool = True,
) -> AsyncIterator[Visitor]:
    """Join a room with a microphone and a receiver, unless told otherwise."""
    caller = Caller(
        sfu.url,
        sfu.api_key,
        sfu.api_secret,
        room,
        identity=identity,
        receiver=receiver,
        microphone=microphone,
    )
    one = Visitor(caller)
    if not receiver:
        caller.room.register_text_stream_handler(TOPIC_SECRET, one.keep_sealed)
    try:
        await caller.connect()
        yield one
    finally:
        await caller.aclose()
