"""What this process and a worker's `/metrics` count of providers; nothing is counted here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aiohttp
from prometheus_client import REGISTRY

if TYPE_CHECKING:
    from offmic.metrics import Provider
    from tests.fakes.worker import Worker


def failures(provider: Provider) -> float:
    """Return the failed requests that this process has counted."""
    return _here("failures", provider)


def recoveries(provider: Provider) -> float:
    """Return the recoveries that this process has counted."""
    return _here("recoveries", provider)


async def served(worker: Worker, what: str, provider: str) -> float:
    """Return what a worker serves, all its jobs together.

    Args:
        worker: running.
        what: `failures` or `recoveries`.
        provider: `stt`, `llm`, `tts` or `other`.
    """
    port = re.search(r"HTTP server listening on [^:]+:(\d+)", worker.output)
    assert port
    url = f"http://127.0.0.1:{port[1]}/metrics"
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        figures = await answer.text()
    name = f'offmic_provider_{what}_total{{provider="{provider}"}}'
    return sum(float(line.split()[-1]) for line in figures.splitlines() if line.startswith(name))


def _here(what: str, provider: Provider) -> float:
    name = f"offmic_provider_{what}_total"
    return REGISTRY.get_sample_value(name, {"provider": provider.value}) or 0.0
