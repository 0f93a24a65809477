"""A scripted model behind the OpenAI API on loopback; it must never answer what no step foresaw.

Steps are found by the request, not by their order: preemptive generation asks for the same turn
more than once. A step that was never asked for, and a request that no step answers, fail the test.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.fakes.ports import release_port, reserve_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence


@dataclass(frozen=True)
class Says:
    """The model speaks, in these chunks."""

    chunks: Sequence[str]


@dataclass(frozen=True)
class Calls:
    """The model calls a tool."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Fails:
    """The model's server answers with an HTTP error."""

    status: int = 500


class Request:
    """One request's body, read the way a model would read it."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body["messages"])

    @property
    def tools(self) -> list[str]:
        return [tool["function"]["name"] for tool in self.body.get("tools", [])]

    @property
    def last(self) -> dict[str, Any]:
        """The newest message that somebody wrote: the user's, a tool's or an assistant's."""
        return next(m for m in reversed(self.messages) if m["role"] != "system")

    @property
    def last_role(self) -> str:
        return str(self.last["role"])

    @property
    def last_text(self) -> str:
        return text_of(self.last)


Answer = Says | Calls | Fails


@dataclass
class Step:
    """What the model does when a request fits.

    Args:
        name: what a failure calls it.
        fits: whether this step answers the request.
        answer: what the model does; or a function that makes it from the request.
    """

    name: str
    fits: Callable[[Request], bool]
    answer: Answer | Callable[[Request], Answer]
    served: int = 0


@dataclass
class ScriptedModel:
    """The server's script and what was asked of it.

    Args:
        steps: the first one that fits answers.
    """

    steps: list[Step]
    requests: list[Request] = field(default_factory=list)
    unforeseen: list[Request] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None

    @property
    def everything(self) -> str:
        """All request bodies, as text that can be searched: without JSON's escapes."""
        return "\n".join(
            json.dumps(r.body, ensure_ascii=False).replace("\\n", "\n") for r in self.requests
        )

    def verify(self) -> None:
        """Fail unless every step was asked for and every request was foreseen."""
        unused = [step.name for step in self.steps if not step.served]
        assert not unused, f"the model was never asked for: {unused}"
        assert not self.unforeseen, f"no step for: {[r.last for r in self.unforeseen]}"

    async def die(self) -> None:
        """Stop listening, in the middle of whatever goes on."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def listen(self, port: int) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{port}/v1"

    async def _complete(self, http: web.Request) -> web.StreamResponse:
        request = Request(await http.json())
        self.requests.append(request)
        step = next((s for s in self.steps if s.fits(request)), None)
        if step is None:
            self.unforeseen.append(request)
            return web.json_response({"error": {"message": "no step fits"}}, status=400)
        step.served += 1
        answer = step.answer(request) if callable(step.answer) else step.answer
        if isinstance(answer, Fails):
            return web.json_response({"error": {"message": "scripted"}}, status=answer.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(http)
        for delta in _deltas(answer):
            await response.write(_event(request, delta, None))
        finish = "tool_calls" if isinstance(answer, Calls) else "stop"
        await response.write(_event(request, {}, finish))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response


@asynccontextmanager
async def scripted_model(*steps: Step) -> AsyncIterator[ScriptedModel]:
    """Run a scripted model on a free port; its script is verified where the body did not fail."""
    model = ScriptedModel(list(steps))
    port = reserve_port()
    await model.listen(port)
    try:
        yield model
        model.verify()
    finally:
        await model.die()
        release_port(port)


def text_of(message: dict[str, Any]) -> str:
    """Return the text of a message, whether it is one string or a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def _deltas(answer: Says | Calls) -> list[dict[str, Any]]:
    if isinstance(answer, Says):
        return [{"role": "assistant", "content": chunk} for chunk in answer.chunks]
    function = {"name": answer.name, "arguments": json.dumps(answer.arguments)}
    call = {"index": 0, "id": "call_scripted", "type": "function", "function": function}
    return [{"role": "assistant", "tool_calls": [call]}]


def _event(request: Request, delta: dict[str, Any], finish: str | None) -> bytes:
    chunk = {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": request.body.get("model", "scripted"),
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()
