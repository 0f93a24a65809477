"""What a worker counts and times, for Prometheus; a label must never be free text.

Every label's value is a member of a fixed set, kinds and outcomes: no name, label, handle or value
of a secret, no identity and no room can become one. Worker and jobs write into files of one folder
and are served together on the worker's port, `/metrics`.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import tempfile
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from offmic.metrics_files import fold

if TYPE_CHECKING:
    from aiohttp import web

    from offmic.delivery.outbox import DeliveryState
    from offmic.guard import Direction, Via
    from offmic.secrets import Kind

_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_BUCKETS_S: Final = (
    *(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
    *(0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0),
)


class Part(StrEnum):
    """The parts of a turn that are timed."""

    ENDPOINTING = "endpointing"
    """From the final transcript to the decision that the caller has finished."""
    STT = "stt"
    """From the end of the caller's speech to the final transcript."""
    LLM = "llm"
    """From the request to the model's first word, guarded."""
    GUARD = "guard"
    """What both guards computed during the turn."""
    TTS = "tts"
    """From the first word handed to the voice to its first sound."""
    DELIVERY = "delivery"
    """From a secret's diversion to its outcome."""
    TOTAL = "total"
    """From the end of the caller's speech to the agent's first sound."""


class Sink(StrEnum):
    """Where egress looks through what leaves the process."""

    LOG = "log"
    STDOUT = "stdout"
    STDERR = "stderr"
    SPAN = "span"
    OTEL_LOG = "otel_log"
    MEASUREMENT = "measurement"
    REPORT = "report"


class Provider(StrEnum):
    """The sorts of providers that can fail."""

    STT = "stt"
    LLM = "llm"
    TTS = "tts"
    OTHER = "other"


TURN_SECONDS: Final = Histogram(
    "offmic_turn_seconds", "Time of each part of a turn.", ["part"], buckets=_BUCKETS_S
)
DIVERTED: Final = Counter(
    "offmic_diverted", "Secrets that the guard kept back.", ["kind", "via", "direction"]
)
DELIVERIES: Final = Counter("offmic_deliveries", "Secrets by outcome.", ["outcome", "kind"])
PROVIDER_FAILURES: Final = Counter(
    "offmic_provider_failures", "Failed requests to providers.", ["provider"]
)
PROVIDER_RECOVERIES: Final = Counter(
    "offmic_provider_recoveries", "Providers of a row that work again.", ["provider"]
)
REDACTED: Final = Counter(
    "offmic_egress_redacted", "Records in which egress found what must not leave.", ["sink"]
)
EGRESS_FAILURES: Final = Counter(
    "offmic_egress_failures", "Records replaced because they could not be looked through.", ["sink"]
)


def time_part(part: Part, seconds: float) -> None:
    """Note how long a part of a turn took, in seconds."""
    TURN_SECONDS.labels(part.value).observe(seconds)


def count_diverted(kind: Kind, via: Via, direction: Direction) -> None:
    """Count a secret that the guard kept back."""
    DIVERTED.labels(kind.value, via.value, direction.value).inc()


def count_delivery(outcome: DeliveryState, kind: Kind) -> None:
    """Count a delivery that has come to its end."""
    DELIVERIES.labels(outcome.value, kind.value).inc()


def count_failure(provider: Provider) -> None:
    """Count a request to a provider that failed."""
    PROVIDER_FAILURES.labels(provider.value).inc()


def count_recovery(provider: Provider) -> None:
    """Count a provider that had failed and was found to work again."""
    PROVIDER_RECOVERIES.labels(provider.value).inc()


@cache
def share_folder() -> None:
    """Give worker and jobs one folder for their figures, once; before anything is counted.

    Job processes inherit it. A folder that the environment names is used as it is.
    """
    if _FOLDER not in os.environ:
        os.environ[_FOLDER] = folder = tempfile.mkdtemp(prefix="offmic-metrics-")
        atexit.register(_remove, folder, os.getpid())
    # The framework has imported the client before this could be set: it decided for one process.
    values.ValueClass = prometheus_client.values.MultiProcessValue()  # type: ignore[no-untyped-call]


async def serve(_: web.Request) -> web.Response:
    """Answer `/metrics` with the figures of the worker and of all its jobs."""
    # Late: processes that count without serving need none of it.
    from aiohttp import web

    body = await asyncio.to_thread(_collect)
    return web.Response(body=body, headers={"Content-Type": prometheus_client.CONTENT_TYPE_LATEST})


def _collect() -> bytes:
    fold(os.environ[_FOLDER])
    registry = CollectorRegistry(auto_describe=True)
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
