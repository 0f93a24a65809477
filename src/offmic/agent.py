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
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from livekit.agents import Agent, AgentTask, StopResponse, llm, stt
from livekit.agents.voice import agent_activity

from offmic import phrases
from offmic.apology import MODEL_ERROR, apologise
from offmic.backchannel import is_backchannel
from offmic.fallback import Sign, patience_for, persevere
from offmic.history_dates import keep_past
from offmic.inbound import refer
from offmic.session import refuse_speech_to_speech
from offmic.teller import Teller
from offmic.tool_guard import guard_arguments, guard_tools

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable

    from livekit import rtc
    from livekit.agents import ModelSettings
    from livekit.agents.types import FlushSentinel
    from livekit.agents.voice import SpeechHandle

    from offmic.call import Call
    from offmic.secrets import Secret

_Result = TypeVar("_Result")


class ConfidentialAgent(Agent):
    """An agent that can know, use and show a secret, and never says it.

    Args:
        call: the vault and the channel of this call; an agent handed over to gets the same one.
        options: whatever `livekit.agents.Agent` takes.

    Raises:
        UnguardedModelError: `llm` is a speech-to-speech model.
    """

    def __init__(self, call: Call, **options: Any) -> None:
        refuse_speech_to_speech(options.get("llm"))
        super().__init__(**options)
        self.call = call

    async def on_enter(self) -> None:
        """Greet; where another agent served this call before, say that what it had is gone."""
        if self.call.resumed:
            self.call.resumed = False
            self.session.say(phrases.BACK)
        else:
            self.greet()

    def greet(self) -> None:
        """Greet; called again for a caller who came too late for what `on_enter` said."""

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

    def answer(self, words: str, *, typed: bool) -> str | None:  # noqa: ARG002 - see may_receive
        """Answer what the caller has said without asking the model.

        Args:
            words: a whole turn, with labels where values stood.
            typed: whether it was typed.

        Returns:
            What is said, nothing where it is empty; None leaves the answer to the model.
        """
        return None

    async def on_user_turn_completed(
        self,
        turn_ctx: llm.ChatContext,  # noqa: ARG002 - the framework's signature
        new_message: llm.ChatMessage,
    ) -> None:
        """Let `answer` have the turn; the model gets it where that has none."""
        said = self.answer(new_message.text_content or "", typed=False)
        if said is not None:
            if said:
                self.session.say(said)
            raise StopResponse

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent | str, None]:
        """Recognise speech; interim and final words leave with labels where values stood."""
        async for event in Agent.default.stt_node(self, audio, model_settings):
            if isinstance(event, str):
                yield self.call.hear(event)[0]
                continue
            final = event.type is stt.SpeechEventType.FINAL_TRANSCRIPT
            if event.alternatives:
                keep_past(self.session, self.chat_ctx.items)
                if self._is_mere_assent(event.alternatives[0]):
                    continue
                settled = final or event.type is stt.SpeechEventType.PREFLIGHT_TRANSCRIPT
                self.call.patience.note(
                    event.alternatives[0].text,
                    is_final=final,
                    settled_s=time.monotonic() if settled else None,
                    missing_digits=self.call.hearing.missing_digits,
                )
            with self.call.spent.guarding():
                heard = [
                    self.call.hear(alternative.text)[0]
                    if final and position == 0
                    # What may still change must not be taken for a piece of a number.
                    else self.call.hearing.interim(alternative.text)
                    for position, alternative in enumerate(event.alternatives)
                ]
            if heard and self.call.limit.reached:
                self._say_enough(event)
                continue
            yield dataclasses.replace(
                event,
                # Word timings would carry the words a second time.
                alternatives=[
                    dataclasses.replace(alternative, text=text, words=None)
                    for alternative, text in zip(event.alternatives, heard, strict=True)
                ],
            )

    def _is_mere_assent(self, heard: stt.SpeechData) -> bool:
        """Tell whether somebody who listens to the agent only says that they do."""
        speech = self.session.current_speech
        return (
            speech is not None
            and not speech.interrupted
            and is_backchannel(heard.text, heard.end_time - heard.start_time, self.call.names)
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
        with self.call.spent.guarding():
            safe_ctx = self.call.history.guard(chat_ctx)
            guard_tools(tools)
        answer = persevere(
            lambda: Agent.default.llm_node(self, safe_ctx, tools, model_settings),
            lambda: apologise(self.session, MODEL_ERROR),
            patience_for(chat_ctx),
        )
        with self.call.guarding("llm") as guard:
            async with aclosing(answer) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Sign):
                        # What was held back belongs to words that nobody will hear the end of.
                        guard.discard()
                        yield phrases.ONE_MOMENT if chunk is Sign.LATE else phrases.AGAIN
                        continue
                    if isinstance(chunk, str):
                        yield refer(vault, guard.feed(chunk))
                        continue
                    if isinstance(chunk, llm.ChatChunk) and chunk.delta is not None:
                        for call in chunk.delta.tool_calls:
                            call.arguments = guard_arguments(vault, call.arguments)
                        if chunk.delta.content:
                            chunk.delta.content = refer(vault, guard.feed(chunk.delta.content))
                    yield chunk
            # Only here: after an exception or a cancelled turn what is held is not said.
            yield refer(vault, guard.flush())

    async def tts_node(
        self, text: AsyncIterable[str], model_settings: ModelSettings
    ) -> AsyncGenerator[rtc.AudioFrame, None]:
        """Speak; each secret is sent to the participant who asked, and its outcome is said."""
        # The session's text transforms ran before: what is guarded here is what will be spoken.
        speech = self._speech()
        self.call.voices.listen(self.session)
        with self.call.voices.open(_id_of(speech), lambda: self._is_due(speech)) as playout:

            async def may_send(_: Secret) -> bool:
                await playout.reach()
                return True

            voice = self.tts or self.session.tts
            teller = Teller(
                self.call,
                _id_of(speech),
                may_send,
                aloud=True,
                # Only a voice on the device can: words that may not be said go nowhere else.
                foresee=getattr(voice, "foresee", None),
            )
            told = self._tell(text, teller)
            async for frame in Agent.default.tts_node(self, playout.follow(told), model_settings):
                playout.made(frame.duration)
                yield frame

    async def transcription_node(
        self,
        text: AsyncIterable[str],
        model_settings: ModelSettings,  # noqa: ARG002 - the framework's signature
    ) -> AsyncGenerator[str, None]:
        """Write what is spoken, with labels; without a voice this is where secrets are sent."""
        turn = _id_of(self._speech())
        output = self.session.output
        if output.audio is None or not output.audio_enabled:
            part = None
        else:
            part = self.call.voices.next_writing(turn)

        async def may_send(secret: Secret) -> bool:
            return part is None or await self.call.voices.follow(
                turn, part, lambda: self.call.is_sent(turn, secret)
            )

        async for words in self._tell(text, Teller(self.call, turn, may_send, aloud=False)):
            yield words

    async def _tell(self, text: AsyncIterable[str], teller: Teller) -> AsyncGenerator[str, None]:
        with self.call.guarding("tts" if teller.aloud else "transcription") as guard:
            async for chunk in text:
                async for words in teller.tell(guard.feed(chunk)):
                    yield words
            async for words in teller.tell(guard.flush()):
                yield words
        self.call.hearing.expect(teller.told, teller.turn)

    def _speech(self) -> SpeechHandle | None:
        # The voice and the transcript of one speech run in tasks of their own; the handle of their
        # speech is what tells them, and only them, that a secret in both is one delivery.
        return agent_activity._SpeechHandleContextVar.get(None)  # noqa: SLF001 - no public twin

    def _is_due(self, speech: SpeechHandle | None) -> bool:
        return speech is None or self.session.current_speech is speech


def _id_of(speech: SpeechHandle | None) -> str:
    return speech.id if speech is not None else "unscheduled"


class ConfidentialTask(ConfidentialAgent, AgentTask[_Result]):
    """An `AgentTask`, guarded as a `ConfidentialAgent` is; awaited in a tool or in `on_enter`."""
