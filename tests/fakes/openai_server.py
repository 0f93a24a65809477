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

from offmic.audit.completions import Answer, respond, text_of
from tests.fakes.ports import release_port, reserve_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


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
        return await respond(http, request.body.get("model", "scripted"), answer)


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
