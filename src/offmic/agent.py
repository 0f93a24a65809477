"""The four nodes where text enters and leaves an agent; no secret may pass one of them.

    stt_node            what the caller said     values become labels
    llm_node            what the model says      values become handles, tool arguments too
    tts_node            what is spoken           handles are delivered, the outcome is said
    transcription_node  what is written          handles become labels, and are delivered where
                                                 there is no voice

Each node guards on its own: `session.say()` never passes `llm_node`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import Agent, llm, stt
from livekit.agents.voice import agent_activity

from offmic import phrases
from offmic.guard import Guard, Said
from offmic.inbound import guard_history, guard_references, guard_words, hear, secret_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable

    from livekit import rtc
    from livekit.agents import ModelSettings
    from livekit.agents.types import FlushSentinel

    from offmic.call import Call
    from offmic.delivery import Delivery
    from offmic.secrets import Secret

ACKNOWLEDGEMENT_WAIT_S: Final = 1.5
"""How long a phrase waits for the receiver before it says what is so."""


class ConfidentialAgent(Agent):
    """An agent that can know, use and show a secret, and never says it.

    Args:
        call: the vault and the channel of this call; an agent handed over to gets the same one.
        options: whatever `livekit.agents.Agent` takes.
    """

    def __init__(self, call: Call, **options: Any) -> None:
        super().__init__(**options)
        self.call = call

    async def may_receive(
        self,
        participant: rtc.RemoteParticipant,  # noqa: ARG002 - for those who override it
        secret: Secret,  # noqa: ARG002 - likewise
    ) -> bool:
        """Decide whether this participant may have this secret; asked before each sending.

        Args:
            participant: who asked.
            secret: what would be sent.

        Returns:
            True where it may be sent. An exception counts as False.
        """
        return True

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent | str, None]:
        """Recognise speech; interim and final words leave with labels where values stood."""
        async for event in Agent.default.stt_node(self, audio, model_settings):
            if isinstance(event, str):
                yield guard_words(self.call.vault, event)
                continue
            heard = [hear(self.call.vault, a.text) for a in event.alternatives]
            if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                self.call.limit.note(max((diverted for _, diverted in heard), default=0))
            if heard and self.call.limit.reached:
                self._say_enough(event)
                continue
            yield dataclasses.replace(
                event,
                # Word timings would carry the words a second time.
                alternatives=[
                    dataclasses.replace(alternative, text=text, words=None)
                    for alternative, (text, _) in zip(event.alternatives, heard, strict=True)
                ],
            )

    def _say_enough(self, event: stt.SpeechEvent) -> None:
        if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
            self.session.say(phrases.ENOUGH)

    async def llm_node(
        self,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool],
        model_settings: ModelSettings,
    ) -> AsyncGenerator[llm.ChatChunk | str | FlushSentinel, None]:
        """Ask the model, with guarded history; its words leave with handles where values stood.

        Nothing is delivered here: the turn may not be confirmed yet (preemptive generation).
        """
        vault = self.call.vault
        guard = Guard(vault)
        safe_ctx = guard_history(vault, chat_ctx)

        def refer(text: str | None) -> str:
            parts = guard.flush() if text is None else guard.feed(text)
            return "".join(
                p.text if isinstance(p, Said) else secret_of(vault, p).handle for p in parts
            )

        async for chunk in Agent.default.llm_node(self, safe_ctx, tools, model_settings):
            if isinstance(chunk, str):
                yield refer(chunk)
            elif isinstance(chunk, llm.ChatChunk) and chunk.delta is not None:
                for call in chunk.delta.tool_calls:
                    call.arguments = guard_references(vault, call.arguments)
                if chunk.delta.content:
                    chunk.delta.content = refer(chunk.delta.content)
                yield chunk
            else:
                yield chunk
        # Only here: after an exception or a cancelled turn what is held is not said.
        yield refer(None)

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """Speak; each secret is sent to the participant who asked, and its outcome is said."""
        # The session's text transforms ran before: what is guarded here is what will be spoken.
        words = self._tell(text, lambda delivery, _: phrases.spoken(delivery))
        async for frame in Agent.default.tts_node(self, words, model_settings):
            yield frame

    async def transcription_node(
        self,
        text: AsyncIterable[str],
        model_settings: ModelSettings,  # noqa: ARG002 - the framework's signature
    ) -> AsyncGenerator[str, None]:
        """Write what is spoken, with labels; without a voice this is where secrets are sent."""
        async for part in self._tell(text, lambda d, s: phrases.written(d, s.label)):
            yield part

    async def _tell(
        self, text: AsyncIterable[str], phrase: Callable[[Delivery, Secret], str]
    ) -> AsyncGenerator[str, None]:
        guard = Guard(self.call.vault)
        turn = self._turn_id()
        news = phrases.news(self.call.news(turn))
        told: Secret | None = None  # one phrase where a value came in several adjacent pieces

        async def render(parts: list[Any]) -> AsyncGenerator[str, None]:
            nonlocal told
            for part in parts:
                if isinstance(part, Said):
                    if part.text.strip():
                        told = None
                    yield part.text
                    continue
                secret = secret_of(self.call.vault, part)
                if secret is told:
                    continue
                told = secret
                delivery = self.call.deliver(turn, secret)
                await delivery.settled(ACKNOWLEDGEMENT_WAIT_S)
                self.call.owe(delivery)
                yield phrase(delivery, secret)

        async for chunk in text:
            if news:
                yield news
                news = ""
            async for words in render(guard.feed(chunk)):
                yield words
        async for words in render(guard.flush()):
            yield words

    def _turn_id(self) -> str:
        # The voice and the transcript of one speech run in tasks of their own; the handle of their
        # speech is what tells them, and only them, that a secret in both is one delivery.
        speech = agent_activity._SpeechHandleContextVar.get(None)  # noqa: SLF001 - no public twin
        return speech.id if speech is not None else "unscheduled"
