"""The session of one call: typed words are guarded where they enter, before anything keeps them.

Typed words pass neither `stt_node` nor `on_user_turn_completed`; `generate_reply` is the one way in
that every kind of typed input takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livekit.agents import NOT_GIVEN, AgentSession, llm

from offmic.egress.report import recording
from offmic.errors import UnguardedModelError
from offmic.history_dates import keep_past
from offmic.phrases import ENOUGH

if TYPE_CHECKING:
    from livekit.agents import Agent, NotGivenOr
    from livekit.agents.voice import SpeechHandle

    from offmic.call import Call


def refuse_speech_to_speech(model: object) -> None:
    """Refuse a model that gets the raw microphone and whose words never pass `llm_node`.

    Args:
        model: what would be the `llm` of a session or an agent.

    Raises:
        UnguardedModelError: it is one.
    """
    if isinstance(model, llm.RealtimeModel):
        raise UnguardedModelError(
            "a speech-to-speech model hears the caller's microphone past the guard: "
            "use a text model between a recogniser and a voice"
        )


class ConfidentialSession(AgentSession[Any]):
    """An `AgentSession` whose typed input carries labels where values stood.

    Args:
        call: the vault of this call.
        options: whatever `livekit.agents.AgentSession` takes.

    Raises:
        UnguardedModelError: `llm` is a speech-to-speech model.
    """

    def __init__(self, call: Call, **options: Any) -> None:
        refuse_speech_to_speech(options.get("llm"))
        super().__init__(**options)
        self._call = call

    async def start(self, agent: Agent, **options: Any) -> Any:
        """Start as `AgentSession.start` does: not hosted, and nothing recorded unless asked for.

        A hosted session would let anyone in the room read and drive this one.

        Raises:
            RecordingError: sound was to be recorded.
        """
        options["record"] = recording(options.get("record", False))
        options.setdefault("session_host", False)
        return await super().start(agent, **options)

    def generate_reply(
        self, *, user_input: NotGivenOr[str | llm.ChatMessage] = NOT_GIVEN, **options: Any
    ) -> SpeechHandle:
        """Generate a reply as `AgentSession.generate_reply` does, from guarded words."""
        if isinstance(user_input, str):
            user_input = self._call.hear(user_input)[0]
        elif isinstance(user_input, llm.ChatMessage):
            user_input.content = [
                self._call.hear(part)[0] if isinstance(part, str) else part
                for part in user_input.content
            ]
        if user_input and self._call.limit.reached:
            return self.say(ENOUGH)
        from offmic.agent import ConfidentialAgent  # which needs this module itself

        if user_input and isinstance(agent := self.current_agent, ConfidentialAgent):
            keep_past(self, agent.chat_ctx.items)
            said = agent.answer(_text_of(user_input), typed=True)
            if said is not None:
                return self.say(said)
        return super().generate_reply(user_input=user_input, **options)


def _text_of(user_input: str | llm.ChatMessage) -> str:
    return user_input if isinstance(user_input, str) else user_input.text_content or ""
