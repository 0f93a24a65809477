"""A model and an OTLP collector on loopback: what the agent sends to either is kept, whole.

It must never answer a call with what another one's attack is to say.
"""

from __future__ import annotations

import gzip
import json
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from offmic.audit.attacks.model import given
from offmic.audit.completions import Answer, Fails, Says, respond, text_of
from offmic.secrets.secret import HANDLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from offmic.audit.attacks.model import Step

_COLLECTS: Final[dict[str, Any]] = {
    "traces": ExportTraceServiceRequest,
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
}
_LARGEST_BYTES: Final = 64 << 20
_CALL: Final = re.compile(r"call of the (\w+) room", re.IGNORECASE)


def introduce(name: str) -> str:
    """Return the words by which a caller tells the model which call this is."""
    return f"This is the call of the {name} room, please begin."


@dataclass
class Script:
    """What the model answers in one call at the moment.

    Args:
        answers: for the first request since the caller's words, then one for each tool result.
        asked: how many requests came since it was set.
    """

    answers: Sequence[Step] = ()
    asked: int = 0
    broken: bool = False


@dataclass
class Listener:
    """What came, and what is answered."""

    scripts: dict[str, Script] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    telemetry: list[str] = field(default_factory=list)
    handles: dict[str, set[str]] = field(default_factory=dict)
    """The handles that each call's tools gave to the model."""
    url: str = ""

    def play(self, call: str, answers: Sequence[Step]) -> Script:
        """Answer the next turn of a call with these."""
        self.scripts[call] = Script(answers)
        return self.scripts[call]

    async def complete(self, http: web.Request) -> web.StreamResponse:
        """Be the model."""
        body = await http.json()
        self.requests.append(json.dumps(body, ensure_ascii=False))
        messages = body["messages"]
        call = next((m[1] for t in map(text_of, messages) if (m := _CALL.search(t))), "")
        texts = [text_of(m) for m in messages if m["role"] == "tool"]
        self.handles.setdefault(call, set()).update(
            match[0] for text in texts for match in HANDLE.finditer(text)
        )
        return await respond(http, str(body.get("model", "")), self._answer(call, messages))

    def _answer(self, call: str, messages: list[dict[str, Any]]) -> Answer:
        script = self.scripts.get(call)
        if script is None:
            return Fails(400)
        script.asked += 1
        newest = max((n for n, m in enumerate(messages) if m["role"] == "user"), default=0)
        results = sum(m["role"] == "tool" for m in messages[newest:])
        if results >= len(script.answers) or script.broken:
            return Says(["Please go on."])
        foreign = (h for other, found in self.handles.items() if other != call for h in found)
        answer = given(script.answers[results], next(foreign, "{{secret:nobody.k7q2m9xd}}"))
        script.broken = isinstance(answer, Says) and answer.broken
        return answer

    async def collect(self, http: web.Request) -> web.StreamResponse:
        """Be the collector."""
        content = await http.read()
        if content[:2] == b"\x1f\x8b" and http.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        message = _COLLECTS[http.match_info["signal"]].FromString(content)
        self.telemetry.append(json.dumps(MessageToDict(message), ensure_ascii=False))
        return web.Response(content_type="application/x-protobuf")


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    """Listen on a free port of loopback; `url` ends in no slash."""
    listener = Listener()
    app = web.Application(client_max_size=_LARGEST_BYTES)
    app.router.add_post("/v1/chat/completions", listener.complete)
    app.router.add_post("/v1/{signal:traces|logs|metrics}", listener.collect)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        listener.url = f"http://{host}:{port}"
        yield listener
    finally:
        await runner.cleanup()
