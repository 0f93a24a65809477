from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest
from livekit.agents import APIConnectionError, llm
from livekit.agents.types import APIConnectOptions

from offmic.local.chat import Spent
from offmic.local.llm import LLM
from tests.unit.brain.desk import HANDLE, new_password, tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from livekit.agents.llm import ToolChoice

    from offmic.local.chat import ChatModel, Messages


class ScriptedChat:
    """Says its words, one piece after another; waits before the last where it is told to."""

    def __init__(self, *words: str, waits: bool = False) -> None:
        self.words = words
        self.seen: list[Messages] = []
        self.go_on = threading.Event()
        self.stopped = threading.Event()
        self.threads = ThreadPoolExecutor(1)
        if not waits:
            self.go_on.set()

    def reply(
        self, messages: Messages, emit: Callable[[str], None], stop: threading.Event
    ) -> Spent:
        self.seen.append(messages)
        for word in self.words[:-1]:
            emit(word)
        while not self.go_on.wait(0.01):
            if stop.is_set():
                self.stopped.set()
                return Spent(1, 0, 1)
        if not self.words:
            raise RuntimeError("the model broke")
        emit(self.words[-1])
        return Spent(9, 4, len(self.words))


@pytest.fixture
def chat() -> Iterator[ScriptedChat]:
    model = ScriptedChat("I am ", "fine.")
    yield model
    model.threads.shutdown()


def brain(model: ScriptedChat) -> LLM:
    return LLM(load_model=lambda: cast("ChatModel", model))


def said(*words: str) -> llm.ChatContext:
    ctx = llm.ChatContext.empty()
    ctx.add_message(role="system", content="You are a front desk.")
    for role, text in zip(("user", "assistant") * len(words), words, strict=False):
        ctx.add_message(role=cast("Any", role), content=text)
    return ctx


def answered(
    ctx: llm.ChatContext, tool: str, arguments: dict[str, str], output: str, *, failed: bool = False
) -> llm.ChatContext:
    call = llm.FunctionCall(
        call_id=f"call_{len(ctx.items)}", name=tool, arguments=json.dumps(arguments)
    )
    ctx.insert(call)
    ctx.insert(
        llm.FunctionCallOutput(name=tool, call_id=call.call_id, output=output, is_error=failed)
    )
    return ctx


async def ask(
    model: ScriptedChat, ctx: llm.ChatContext, *, tool_choice: ToolChoice = "auto"
) -> llm.CollectedResponse:
    stream = brain(model).chat(chat_ctx=ctx, tools=tools(), tool_choice=tool_choice)
    return await stream.collect()


async def test_a_request_becomes_a_call_of_the_tool_with_its_argument(chat: ScriptedChat) -> None:
    response = await ask(chat, said("What is the wifi password?"))
    (call,) = response.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("look_up_secret", {"name": "Wi-Fi password"})
    assert response.text == ""
    assert chat.seen == []


async def test_each_call_has_an_id_of_its_own(chat: ScriptedChat) -> None:
    response = await ask(chat, said("Tell me the door code and the magic word."))
    assert [json.loads(c.arguments)["name"] for c in response.tool_calls] == [
        "door code",
        "magic word",
    ]
    assert len({call.call_id for call in response.tool_calls}) == 2


async def test_without_its_tool_a_request_goes_to_the_chat_model(chat: ScriptedChat) -> None:
    stream = brain(chat).chat(chat_ctx=said("What is the wifi password?"), tools=[new_password])
    response = await stream.collect()
    assert response.tool_calls == []
    assert response.text == "I am fine."


@pytest.mark.parametrize(
    "choice", ["none", {"type": "function", "function": {"name": "new_password"}}]
)
async def test_a_tool_choice_is_obeyed(chat: ScriptedChat, choice: ToolChoice) -> None:
    response = await ask(chat, said("What is the wifi password?"), tool_choice=choice)
    assert response.tool_calls == []


async def test_a_handle_comes_through_unbroken_in_one_piece(chat: ScriptedChat) -> None:
    ctx = answered(said("wifi password?"), "look_up_secret", {"name": "guest wifi"}, HANDLE)
    pieces = [
        chunk.delta.content
        async for chunk in brain(chat).chat(chat_ctx=ctx)
        if chunk.delta and chunk.delta.content
    ]
    assert pieces == [f"The guest wifi is {HANDLE}."]  # no tool, so no label is known


async def test_the_answer_has_the_label_and_not_the_alias(chat: ScriptedChat) -> None:
    ctx = answered(said("guest wifi?"), "look_up_secret", {"name": "guest wifi"}, HANDLE)
    assert (await ask(chat, ctx)).text == f"The Wi-Fi password is {HANDLE}."


async def test_a_tools_sentence_is_said_as_it_is(chat: ScriptedChat) -> None:
    sentence = "I do not know that one. I can show you the door code."
    ctx = answered(said("garage code?"), "look_up_secret", {"name": "garage code"}, sentence)
    assert (await ask(chat, ctx)).text == sentence


async def test_two_outputs_are_told_in_one_answer(chat: ScriptedChat) -> None:
    other = "{{secret:door-code.aaaa1111}}"
    ctx = answered(said("both?"), "look_up_secret", {"name": "wifi"}, HANDLE)
    ctx = answered(ctx, "look_up_secret", {"name": "door code"}, other)
    expected = f"The Wi-Fi password is {HANDLE}. The door code is {other}."
    assert (await ask(chat, ctx)).text == expected


async def test_a_failed_or_empty_tool_gets_words_of_regret_or_none_at_all(
    chat: ScriptedChat,
) -> None:
    failed = answered(said("wifi?"), "look_up_secret", {"name": "wifi"}, "boom", failed=True)
    empty = answered(said("wifi?"), "look_up_secret", {"name": "wifi"}, "")
    assert (await ask(chat, failed)).text == "Sorry, that did not work."
    assert (await ask(chat, empty)).text == "That is done."


async def test_again_uses_the_look_up_of_the_turn_before(chat: ScriptedChat) -> None:
    ctx = answered(said("door code?"), "look_up_secret", {"name": "door code"}, HANDLE)
    ctx.add_message(role="assistant", content="The door code is [door code].")
    ctx.add_message(role="user", content="Say it again, please.")
    (call,) = (await ask(chat, ctx)).tool_calls
    assert json.loads(call.arguments) == {"name": "door code"}


async def test_small_talk_is_streamed_piece_by_piece_with_its_usage(chat: ScriptedChat) -> None:
    chunks = [c async for c in brain(chat).chat(chat_ctx=said("Hello!"))]
    assert [c.delta.content for c in chunks if c.delta] == ["I am ", "fine."]
    assert chunks[-1].usage == llm.CompletionUsage(
        completion_tokens=2, prompt_tokens=9, prompt_cached_tokens=4, total_tokens=11
    )


async def test_the_chat_model_sees_neither_tools_nor_labels_nor_handles(chat: ScriptedChat) -> None:
    await ask(chat, said(f"It was [Wi-Fi password], or {HANDLE}, was it not?"))
    shown = json.dumps(chat.seen)
    assert "[Wi-Fi" not in shown
    assert "secret:" not in shown
    assert "look_up_secret" not in shown
    assert "on your screen" in shown


async def test_a_turn_that_is_cancelled_stops_the_model() -> None:
    model = ScriptedChat("I am ", "fine.", waits=True)
    stream = brain(model).chat(chat_ctx=said("Hello!"))
    first = await anext(stream)
    assert first.delta is not None
    assert first.delta.content == "I am "
    await stream.aclose()
    stopped = await asyncio.to_thread(model.stopped.wait, 10)
    model.go_on.set()
    model.threads.shutdown()
    assert stopped


async def test_a_model_that_breaks_is_reported_so_that_the_next_provider_takes_over() -> None:
    model = ScriptedChat()
    options = APIConnectOptions(max_retry=0)
    with pytest.raises(APIConnectionError):
        await brain(model).chat(chat_ctx=said("Hello!"), conn_options=options).collect()
    model.threads.shutdown()
