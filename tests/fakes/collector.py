"""An OpenTelemetry collector on loopback that keeps what it is sent; it must never answer late."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.fakes.ports import release_port, reserve_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from google.protobuf.message import Message
    from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """What was sent, as text to be searched, and the spans themselves."""

    def __init__(self) -> None:
        self.url = ""
        self.texts: list[str] = []
        self.spans: list[Span] = []

    @property
    def everything(self) -> str:
        """All that was sent, without JSON's escapes."""
        return "\n".join(self.texts)

    def names(self) -> set[str]:
        """Return the names of the spans that have come."""
        return {span.name for span in self.spans}

    async def take(self, http: web.Request) -> web.Response:
        body = await http.read()
        if http.headers.get("Content-Encoding") == "gzip":
            raise web.HTTPUnsupportedMediaType
        message: Message
        if http.path.endswith("/traces"):
            message = traces = ExportTraceServiceRequest()
            traces.ParseFromString(body)
            for resource in traces.resource_spans:
                for scope in resource.scope_spans:
                    self.spans.extend(scope.spans)
        else:
            kind = http.path.rpartition("/")[2]
            message = (
                ExportLogsServiceRequest() if kind == "logs" else ExportMetricsServiceRequest()
            )
            message.ParseFromString(body)
        self.texts.append(MessageToJson(message, ensure_ascii=False).replace('\\"', '"'))
        return web.Response(body=b"", content_type="application/x-protobuf")


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """Run a collector on a free port."""
    one = Collector()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/{signal}", one.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    port = reserve_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    one.url = f"http://127.0.0.1:{port}"
    try:
        yield one
    finally:
        await runner.cleanup()
        release_port(port)
