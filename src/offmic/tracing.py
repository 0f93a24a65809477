"""Sends traces and measurements of a job where OTEL_EXPORTER_OTLP_ENDPOINT says, else nowhere.

`offmic.egress` looks through them before; nothing here may go around it.
"""

from __future__ import annotations

import os
import threading
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import telemetry
from opentelemetry import metrics
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

if TYPE_CHECKING:
    from collections.abc import Callable

_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_LEAVE_WITHIN_S: Final = 5.0


def begin() -> bool:
    """Set tracing up in this process, once, where the environment names a collector.

    The other variables of OpenTelemetry's specification (headers, time-out, resource) hold as well;
    the protocol is HTTP.

    Returns:
        Whether a collector is named.
    """
    if not os.environ.get(_ENDPOINT):
        return False
    resource = Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", "offmic")})
    spans = TracerProvider(resource=resource, shutdown_on_exit=False)
    spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    telemetry.set_tracer_provider(spans, allow_pii=False)
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    measurements = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    metrics.set_meter_provider(measurements)
    # A forked job runs no `atexit`.
    Finalize(None, _leave, args=([spans.shutdown, measurements.shutdown],), exitpriority=10)
    return True


def _leave(endings: list[Callable[[], Any]]) -> None:
    """Send what is left; a collector that does not answer must not keep the process."""
    threads = [threading.Thread(target=ending, daemon=True) for ending in endings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_LEAVE_WITHIN_S)
