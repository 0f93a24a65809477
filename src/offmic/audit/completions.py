"""A model's answers as the OpenAI API streams them; nothing here decides what is answered."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


@dataclass(frozen=True)
class Says:
    """The model speaks, in these chunks.

    Args:
        chunks: what is sent, one event each.
        pause_s: seconds before each chunk but the first.
        broken: whether the connection is cut after the last one.
    """

    chunks: Sequence[str]
    pause_s: float = 0.0
    broken: bool = False


@dataclass(frozen=True)
class Calls:
    """The model calls a tool."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Fails:
    """The model's server answers with an HTTP error."""

    status: int = 500


Answer = Says | Calls | Fails


def text_of(message: dict[str, Any]) -> str:
    """Return the text of a message, whether it is one string or a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


async def respond(http: web.Request, model: str, answer: Answer) -> web.StreamResponse:
    """Answer a request for a completion.

    Args:
        http: the request.
        model: the name that it asked for.
        answer: what the model does.
    """
    if isinstance(answer, Fails):
        return web.json_response({"error": {"message": "scripted"}}, status=answer.status)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(http)
    try:
        async for delta in _deltas(answer):
            await response.write(_event(model, delta, None))
        if isinstance(answer, Says) and answer.broken:
            if http.transport is not None:
                http.transport.abort()
            return response
        finish = "tool_calls" if isinstance(answer, Calls) else "stop"
        await response.write(_event(model, {}, finish) + b"data: [DONE]\n\n")
        await response.write_eof()
    except ConnectionResetError:
        pass  # who asked does not want to know the rest: a barge-in
    return response


async def _deltas(answer: Says | Calls) -> AsyncIterator[dict[str, Any]]:
    if isinstance(answer, Says):
        for number, chunk in enumerate(answer.chunks):
            if number and answer.pause_s:
                await asyncio.sleep(answer.pause_s)
            yield {"role": "assistant", "content": chunk}
        return
    function = {"name": answer.name, "arguments": json.dumps(answer.arguments)}
    call = {"index": 0, "id": "call_scripted", "type": "function", "function": function}
    yield {"role": "assistant", "tool_calls": [call]}


def _event(model: str, delta: dict[str, Any], finish: str | None) -> bytes:
    chunk = {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()
