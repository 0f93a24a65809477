"""Spans, log records and measurements reach exporters without values and without raw words."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from livekit.agents.telemetry import trace_types
from opentelemetry.sdk._logs import LoggerProvider, _internal
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics._internal.measurement_consumer import SynchronousMeasurementConsumer
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, Status, StatusCode, TraceFlags

from offmic.audit.renderings import leaks
from offmic.egress import traces
from offmic.egress.redactor import Redactor
from offmic.secrets import Vault
from tests.fakes.planted import PIN, REGISTERED, CarelessError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

_WORDS = "my mother's maiden name is something that no rule knows"


@pytest.fixture(autouse=True)
def redactor(monkeypatch: pytest.MonkeyPatch) -> Redactor:
    vault, one = Vault(), Redactor()
    vault.hold(REGISTERED, "vault word", "password")
    vault.hold(PIN, "pin", "code")
    one.watch(vault)
    for owner, name in (
        (Span, "_readable_span"),
        (SynchronousMeasurementConsumer, "consume_measurement"),
        (_internal.SynchronousMultiLogRecordProcessor, "on_emit"),
        (_internal.ConcurrentMultiLogRecordProcessor, "on_emit"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    traces.install(one)
    return one


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> TracerProvider:
    one = TracerProvider(shutdown_on_exit=False)
    one.add_span_processor(SimpleSpanProcessor(spans))
    return one


def _everything(finished: tuple[ReadableSpan, ...]) -> str:
    return "\n".join(
        repr(
            (
                span.name,
                dict(span.attributes or {}),
                [(e.name, dict(e.attributes or {})) for e in span.events],
                [dict(link.attributes or {}) for link in span.links],
                span.status.description,
            )
        )
        for span in finished
    )


def test_no_part_of_a_span_holds_a_value(
    provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))
    tracer = provider.get_tracer("any")
    with (
        contextlib.suppress(CarelessError),
        tracer.start_as_current_span(
            f"named {REGISTERED}",
            attributes={"answer": REGISTERED, "codes": [PIN], "number": int(PIN), PIN: "key"},
            links=[Link(context, {"linked": REGISTERED})],
        ) as span,
    ):
        span.add_event(f"event {REGISTERED}", {"of": f"it is {PIN}"})
        raise CarelessError(f"cannot use {REGISTERED}")
    with tracer.start_as_current_span("status") as span:
        span.set_status(Status(StatusCode.ERROR, f"no {REGISTERED}"))
    text = _everything(spans.get_finished_spans())
    assert "CarelessError" in text
    assert "vault word" in text
    for value in (REGISTERED, PIN):
        assert not leaks(value, text)


@pytest.mark.parametrize(
    "key",
    [
        trace_types.ATTR_CHAT_CTX,
        trace_types.ATTR_RESPONSE_TEXT,
        trace_types.ATTR_RESPONSE_FUNCTION_CALLS,
        trace_types.ATTR_FUNCTION_TOOL_ARGS,
        trace_types.ATTR_FUNCTION_TOOL_OUTPUT,
        trace_types.ATTR_TTS_INPUT_TEXT,
        trace_types.ATTR_USER_INPUT,
        trace_types.ATTR_USER_TRANSCRIPT,
        trace_types.ATTR_RPC_PAYLOAD,
        trace_types.ATTR_GEN_AI_INPUT_MESSAGES,
        trace_types.ATTR_GEN_AI_OUTPUT_MESSAGES,
        trace_types.ATTR_GEN_AI_TOOL_CALL_RESULT,
    ],
)
def test_words_of_the_caller_the_model_and_tools_never_leave(
    provider: TracerProvider, spans: InMemorySpanExporter, key: str
) -> None:
    with provider.get_tracer("any").start_as_current_span("turn", attributes={key: _WORDS}) as span:
        span.add_event("gen_ai.choice", {"content": _WORDS})
        span.add_event("other", {key: _WORDS})
    assert "maiden" not in _everything(spans.get_finished_spans())


def test_ordinary_attributes_stay(provider: TracerProvider, spans: InMemorySpanExporter) -> None:
    attributes: dict[str, Any] = {
        "lk.speech_id": "speech_5163e35a40df",
        "lk.response.ttft": 0.123,
        trace_types.ATTR_ROOM_NAME: "lobby",
        "gen_ai.usage.input_tokens": 42,
    }
    with provider.get_tracer("any").start_as_current_span("llm_node", attributes=attributes):
        pass
    (span,) = spans.get_finished_spans()
    assert span.name == "llm_node"
    assert dict(span.attributes or {}) == attributes
    assert span.start_time is not None
    assert span.end_time is not None


def test_a_span_that_cannot_be_looked_through_keeps_its_times_alone(
    provider: TracerProvider,
    spans: InMemorySpanExporter,
    redactor: Redactor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> str:
        raise RuntimeError

    monkeypatch.setattr(redactor, "text", fail)
    with provider.get_tracer("any").start_as_current_span("x", attributes={"a": REGISTERED}):
        pass
    (span,) = spans.get_finished_spans()
    assert not leaks(REGISTERED, _everything((span,)))
    assert span.end_time is not None


def test_log_records_of_opentelemetry_are_looked_through() -> None:
    exporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.get_logger("chat_history").emit(
        body=f"chat item {REGISTERED}",
        attributes={
            "chat.item": {"content": [f"it is {PIN}"]},
            trace_types.ATTR_USER_INPUT: _WORDS,
        },
    )
    (log,) = exporter.get_finished_logs()
    text = repr((log.log_record.body, log.log_record.attributes))
    assert "chat item [vault word]" in text
    assert "maiden" not in text
    for value in (REGISTERED, PIN):
        assert not leaks(value, text)


def test_measurements_carry_no_value() -> None:
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    provider.get_meter("any").create_counter("used").add(
        1, {"tool": f"open with {PIN}", "ok": True}
    )
    text = str(reader.get_metrics_data())
    provider.shutdown()
    assert "open with [pin]" in text
    assert not leaks(PIN, text)
