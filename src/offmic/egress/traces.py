"""Spans, log records and measurements of OpenTelemetry; no exporter may get a value or raw words.

The framework's spans hold what the model said before the guard, and the arguments and results of
tools. Those attributes never leave, whoever asks; the rest is looked through. It is done where the
SDK hands its data to processors, so that a provider of the application's own is covered too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from livekit.agents.telemetry import pii, trace_types
from opentelemetry.sdk._logs import _internal as sdk_logs
from opentelemetry.sdk.metrics._internal.measurement_consumer import SynchronousMeasurementConsumer
from opentelemetry.sdk.trace import Event, ReadableSpan, Span
from opentelemetry.trace import Link, Status

from offmic.egress.redactor import WITHHELD
from offmic.metrics import EGRESS_FAILURES, Sink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.metrics._internal.measurement import Measurement

    from offmic.egress.redactor import Redactor

ALLOWED: Final = frozenset({trace_types.ATTR_ROOM_NAME, trace_types.ATTR_PARTICIPANT_IDENTITY})
"""Of the attributes that the framework marks as personal, those that are no words of anyone."""

_UNCLEAN: Final = "a span that could not be looked through"


class Telemetry:
    """Looks through what the SDK is about to hand on.

    Args:
        redactor: of this process.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def span(self, span: ReadableSpan) -> ReadableSpan:
        """Return a span without words of the caller, the model and tools, and without values."""
        try:
            status = span.status
            return _copy(
                span,
                name=self._redactor.text(span.name, Sink.SPAN),
                attributes=self.attributes(span.attributes, Sink.SPAN),
                events=[self._event(e) for e in span.events if e.name not in pii.PII_EVENT_NAMES],
                links=[
                    Link(link.context, self.attributes(link.attributes, Sink.SPAN))
                    for link in span.links
                ],
                status=Status(
                    status.status_code,
                    status.description and self._redactor.text(status.description, Sink.SPAN),
                ),
            )
        except Exception:  # noqa: BLE001 - whatever it is, the span must not go out as it is
            EGRESS_FAILURES.labels(Sink.SPAN.value).inc()
            code = Status(span.status.status_code)
            return _copy(span, name=_UNCLEAN, attributes={}, events=[], links=[], status=code)

    def attributes(self, attributes: Mapping[str, Any] | None, sink: Sink) -> dict[str, Any]:
        """Return attributes without those that hold somebody's words, the others looked through."""
        return {
            self._redactor.text(name, sink): self._redactor.value(value, sink)
            for name, value in (attributes or {}).items()
            if name in ALLOWED or not pii.is_pii_attribute(name)
        }

    def log(self, record: Any) -> None:
        """Look through a log record of OpenTelemetry, in place."""
        inner = record.log_record
        try:
            inner.body = self._redactor.value(inner.body, Sink.OTEL_LOG)
            inner.attributes = self.attributes(inner.attributes, Sink.OTEL_LOG)
        except Exception:  # noqa: BLE001 - as above
            EGRESS_FAILURES.labels(Sink.OTEL_LOG.value).inc()
            inner.body, inner.attributes = WITHHELD, {}

    def measurement(self, measurement: Measurement) -> Measurement:
        """Return a measurement whose attributes were looked through."""
        clean = self.attributes(measurement.attributes, Sink.MEASUREMENT)
        return replace(measurement, attributes=clean)

    def _event(self, event: Event) -> Event:
        name = self._redactor.text(event.name, Sink.SPAN)
        return Event(name, self.attributes(event.attributes, Sink.SPAN), event.timestamp)


def install(redactor: Redactor) -> None:
    """Look through all that the SDK hands on in this process, from every provider."""
    telemetry = Telemetry(redactor)
    read_span = Span._readable_span  # noqa: SLF001 - the one place that every processor's span passes
    consume = SynchronousMeasurementConsumer.consume_measurement
    processors = (
        sdk_logs.SynchronousMultiLogRecordProcessor,
        sdk_logs.ConcurrentMultiLogRecordProcessor,
    )

    def _readable_span(self: Span) -> ReadableSpan:
        return telemetry.span(read_span(self))

    def consume_measurement(self: SynchronousMeasurementConsumer, measurement: Measurement) -> None:
        consume(self, telemetry.measurement(measurement))

    Span._readable_span = _readable_span  # type: ignore[method-assign]  # noqa: SLF001
    SynchronousMeasurementConsumer.consume_measurement = (  # type: ignore[method-assign]
        consume_measurement
    )
    for processor in processors:
        _before_emit(processor, telemetry)


def _before_emit(processor: Any, telemetry: Telemetry) -> None:
    emit = processor.on_emit

    def on_emit(self: Any, log_record: Any) -> None:
        telemetry.log(log_record)
        emit(self, log_record)

    processor.on_emit = on_emit


def _copy(span: ReadableSpan, **changes: Any) -> ReadableSpan:
    return ReadableSpan(
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        kind=span.kind,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
        **changes,
    )
