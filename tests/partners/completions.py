"""What every OpenAI-compatible partner has in common: the door, its records, the wire's pieces.

Follows https://platform.openai.com/docs/api-reference/chat/streaming.
"""

from __future__ import annotations

import json
import re
import uuid
from abc import abstractmethod
from typing import Any, Final

from aiohttp import web

from tests.partners.faults import Partner

HANDLE: Final = re.compile(r"\{\{secret:[a-z0-9.-]+\}\}")


class Completions(Partner):
    """`OPENAI_BASE_URL` is its `url` and `/v1`."""

    def __init__(self) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        super().__init__(app)
        self.requests: list[dict[str, Any]] = []

    @property
    def everything(self) -> str:
        """All request bodies, as text that can be searched."""
        return "\n".join(json.dumps(body, ensure_ascii=False) for body in self.requests)

    @abstractmethod
    async def write(
        self, request: web.Request, response: web.StreamResponse, body: dict[str, Any]
    ) -> bool:
        """Write the answer's events; return whether it was not broken off."""

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            return web.json_response({"error": {"message": "no key"}}, status=401)
        body = await request.json()
        self.requests.append(body)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if await self.write(request, response, body):
            await response.write(b"data: [DONE]\n\n")
            await response.write_eof()
        return response


def text_of(message: dict[str, Any]) -> str:
    """Return a message's words."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def known_names(body: dict[str, Any]) -> list[str]:
    """Return the names that the description of a tool lists."""
    for tool in body.get("tools", ()):
        found = re.search(r"Known names: (.+)", tool["function"].get("description", ""))
        if found:
            return [re.sub(r" \(.*\)", "", name).strip() for name in found[1].split(";")]
    return []


def looking_up(name: str) -> bytes:
    """Return the event that calls the tool for a name."""
    function = {"name": "look_up_secret", "arguments": json.dumps({"name": name})}
    call = {
        "index": 0,
        "id": f"call_{uuid.uuid4().hex}",
        "type": "function",
        "function": function,
    }
    return event({"tool_calls": [call]}, "tool_calls")


def event(delta: dict[str, Any], finish: str | None) -> bytes:
    """Return one event of an answer."""
    chunk = {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "smollm2",
        "choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()
