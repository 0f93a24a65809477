"""A model that says what it is told to, chunk by chunk; a step that was not used is a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, llm

if TYPE_CHECKING:
    from collections.abc import Sequence

Step = list["str | llm.FunctionToolCall | Exception"]


class ScriptedModel(llm.LLM[Any]):
    """Answers each request with the next step and keeps what it was asked.

    Args:
        steps: for each request what it sends: text chunks, tool calls, or an error to raise.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__()
        self.steps = list(steps)
        self.requests: list[llm.ChatContext] = []

    def chat(self, *, chat_ctx: llm.ChatContext, tools: Any = None, **options: Any) -> Any:
        self.requests.append(chat_ctx.copy())
        step: Step = self.steps.pop(0) if self.steps else [AssertionError("no more steps")]
        return _Stream(self, step, chat_ctx=chat_ctx, tools=tools or [])

    def requested(self) -> str:
        """Everything that it was ever asked, as one text."""
        return "\n".join(map(as_text, self.requests))

    def assert_done(self) -> None:
        """Fail where a step was not used."""
        assert not self.steps, f"{len(self.steps)} steps of the script were not used"


def as_text(history: llm.ChatContext) -> str:
    """Return all of a history as text, but for what may hold any digits by chance.

    Args:
        history: to write; what was measured of a turn, and the names given at random, are left out.
    """
    items = history.to_dict(exclude_metrics=True)["items"]
    random = {"id", "call_id", "group_id"}
    return str([{k: v for k, v in item.items() if k not in random} for item in items])


class _Stream(llm.LLMStream):
    def __init__(self, model: ScriptedModel, step: Step, **options: Any) -> None:
        super().__init__(model, conn_options=DEFAULT_API_CONNECT_OPTIONS, **options)
        self._step = step

    async def _run(self) -> None:
        for part in self._step:
            if isinstance(part, Exception):
                raise part
            delta = (
                llm.ChoiceDelta(role="assistant", content=part)
                if isinstance(part, str)
                else llm.ChoiceDelta(role="assistant", tool_calls=[part])
            )
            self._event_ch.send_nowait(llm.ChatChunk(id="scripted", delta=delta))


def tool_call(name: str, arguments: str, call_id: str = "call-1") -> llm.FunctionToolCall:
    """Return a tool call as a model makes it."""
    return llm.FunctionToolCall(name=name, arguments=arguments, call_id=call_id)
