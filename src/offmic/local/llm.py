"""The local brain as a livekit LLM: intents choose the tools, SmolLM2 does the small talk.

It must never call a tool that was not offered, and never let the chat model near one.
"""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import APIConnectionError, llm, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN

from offmic.errors import OffmicError
from offmic.local import engines, intents, talk
from offmic.local.answers import answer, arguments_of
from offmic.local.chat import MODEL_NAME, compose
from offmic.local.intents import LOOK_UP, Question, Request, recogniser
from offmic.local.names import described, known_names
from offmic.local.words import read_data, unmarked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from livekit.agents import APIConnectOptions, NotGivenOr
    from livekit.agents.llm import ChatContext, FunctionCall, FunctionCallOutput, Tool, ToolChoice

_FOLLOW_UP_ITEMS: Final = 6


class LLM(llm.LLM[Any]):
    """Understands requests by intents and answers the rest with a small model on the device.

    Args:
        load_model: returns the chat model; called off the event loop.
    """

    def __init__(self, *, load_model: Callable[[], engines.ChatModel] = engines.chat_model) -> None:
        super().__init__()
        self.load_model = load_model

    @property
    def model(self) -> str:
        """The chat model's name."""
        return MODEL_NAME

    @property
    def provider(self) -> str:
        """Where it runs."""
        return "local"

    def chat(
        self,
        *,
        chat_ctx: ChatContext,
        tools: list[Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """Answer the last item of a conversation; see `livekit.agents.llm.LLM.chat`."""
        _ = extra_kwargs  # other models' options
        return _Stream(
            self,
            chat_ctx=chat_ctx,
            tools=_offered(tools or [], tool_choice),
            conn_options=conn_options,
            parallel=parallel_tool_calls is not False,
        )

    async def _prewarm_impl(self) -> None:
        await asyncio.to_thread(intents.load)
        await asyncio.to_thread(self.load_model)


class _Stream(llm.LLMStream):
    def __init__(
        self,
        brain: LLM,
        *,
        chat_ctx: ChatContext,
        tools: list[Tool],
        conn_options: APIConnectOptions,
        parallel: bool,
    ) -> None:
        super().__init__(brain, chat_ctx=chat_ctx, tools=tools, conn_options=conn_options)
        self._brain = brain
        self._parallel = parallel
        self._request_id = utils.shortuuid("local_")

    async def _run(self) -> None:
        items = [
            item
            for item in self._chat_ctx.items
            if item.type in ("function_call", "function_call_output")
            or (item.type == "message" and item.role in ("user", "assistant"))
        ]
        last = items[-1] if items else None
        descriptions = described(self._tools)
        names = known_names(descriptions.get(LOOK_UP, ""))
        known = await asyncio.to_thread(recogniser, names)
        if last is not None and last.type == "function_call_output":
            self._say(" ".join(answer(o, call, known) for o, call in _outputs(items)))
            return
        words = last.text_content if last is not None and last.type == "message" else None
        if words and last is not None and last.type == "message" and last.role == "user":
            before = _last_look_up(items[:-1])
            found = await asyncio.to_thread(known.recognise, words, descriptions, before)
            if isinstance(found, Question):
                self._say(found.text)
                return
            if found:
                self._call(found if self._parallel else found[:1])
                return
            if (text := talk.reply(words, names, _last_said(items[:-1]))) is not None:
                self._say(text)
                return
        await self._chat(items)

    def _say(self, text: str) -> None:
        self._send(llm.ChoiceDelta(role="assistant", content=text))
        self._send(usage=llm.CompletionUsage(completion_tokens=0, prompt_tokens=0, total_tokens=0))

    def _call(self, requests: tuple[Request, ...]) -> None:
        calls = [
            llm.FunctionToolCall(
                name=request.tool,
                arguments=json.dumps(request.arguments),
                call_id=utils.shortuuid("call_"),
            )
            for request in requests
        ]
        self._send(llm.ChoiceDelta(role="assistant", tool_calls=calls))
        self._send(usage=llm.CompletionUsage(completion_tokens=0, prompt_tokens=0, total_tokens=0))

    async def _chat(self, items: Sequence[llm.ChatItem]) -> None:
        on_screen = read_data("chat")["on_screen"]
        messages = compose(
            [
                (item.role, unmarked(item.text_content or "", on_screen))
                for item in items
                if item.type == "message"
            ]
        )
        model = await asyncio.to_thread(self._brain.load_model)
        loop = asyncio.get_running_loop()
        stop = threading.Event()

        def emit(text: str) -> None:
            try:
                loop.call_soon_threadsafe(take, text)
            except RuntimeError:  # the loop is closed: nobody listens any more
                stop.set()

        def take(text: str) -> None:
            if not stop.is_set():
                self._send(llm.ChoiceDelta(role="assistant", content=text))

        try:
            spent = await loop.run_in_executor(model.threads, model.reply, messages, emit, stop)
        except (RuntimeError, OffmicError) as error:
            raise APIConnectionError("the chat model failed", retryable=False) from error
        finally:
            stop.set()
        self._send(
            usage=llm.CompletionUsage(
                completion_tokens=spent.completion,
                prompt_tokens=spent.prompt,
                prompt_cached_tokens=spent.cached,
                total_tokens=spent.prompt + spent.completion,
            )
        )

    def _send(
        self, delta: llm.ChoiceDelta | None = None, usage: llm.CompletionUsage | None = None
    ) -> None:
        self._event_ch.send_nowait(llm.ChatChunk(id=self._request_id, delta=delta, usage=usage))


def _offered(tools: list[Tool], choice: NotGivenOr[ToolChoice]) -> list[Tool]:
    if choice == "none":
        return []
    if isinstance(choice, dict):
        return [tool for tool in tools if tool.id == choice["function"]["name"]]
    return tools


def _outputs(
    items: Sequence[llm.ChatItem],
) -> list[tuple[FunctionCallOutput, FunctionCall | None]]:
    """The outputs at the end of the conversation, each with its call."""
    calls = {item.call_id: item for item in items if item.type == "function_call"}
    found: list[tuple[FunctionCallOutput, FunctionCall | None]] = []
    for item in reversed(items):
        if item.type == "message":
            break
        if item.type == "function_call_output":
            found.append((item, calls.get(item.call_id)))
    return found[::-1]


def _last_said(items: Sequence[llm.ChatItem]) -> str:
    """The assistant's last words, with what the screen shows in the place of labels."""
    for item in reversed(items):
        if item.type == "message" and item.role == "assistant":
            return unmarked(item.text_content or "", read_data("chat")["on_screen"])
    return ""


def _last_look_up(items: Sequence[llm.ChatItem]) -> Request | None:
    for item in reversed(items[-_FOLLOW_UP_ITEMS:]):
        if item.type == "function_call" and item.name == LOOK_UP:
            return Request(LOOK_UP, arguments_of(item))
    return None
