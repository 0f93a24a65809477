"""A row of models: one that falls silent or fails is followed by the next, and is counted once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from livekit.agents import APIConnectionError, APIStatusError, llm
from livekit.agents.types import APIConnectOptions

from offmic.fallback import FallbackBrain
from offmic.metrics import Provider
from tests.fakes.figures import failures, recoveries
from tests.fakes.waiting import eventually

pytestmark = pytest.mark.virtual_time

_SOON_S = 10.0


class _Brain(llm.LLM[Any]):
    """Says these parts; a number is a wait in seconds, an exception is raised."""

    def __init__(self, *parts: str | float | Exception) -> None:
        super().__init__()
        self.parts = parts

    def chat(self, *, chat_ctx: llm.ChatContext, **options: Any) -> llm.LLMStream:
        return _Stream(
            self, chat_ctx=chat_ctx, tools=[], conn_options=APIConnectOptions(max_retry=0)
        )


class _Stream(llm.LLMStream):
    async def _run(self) -> None:
        assert isinstance(self._llm, _Brain)
        for part in self._llm.parts:
            if isinstance(part, Exception):
                raise part
            if isinstance(part, float):
                await asyncio.sleep(part)
            else:
                delta = llm.ChoiceDelta(role="assistant", content=part)
                self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=delta))


async def _said(row: FallbackBrain) -> str:
    answer = ""
    async with row.chat(chat_ctx=llm.ChatContext.empty()) as chunks:
        async for chunk in chunks:
            answer += (chunk.delta.content if chunk.delta else None) or ""
    return answer


async def test_the_preferred_one_answers_while_it_works() -> None:
    assert await _said(FallbackBrain([_Brain("a", "b"), _Brain("never")])) == "ab"


async def test_the_next_one_answers_where_one_fails_and_that_is_counted_once() -> None:
    before = failures(Provider.LLM)
    first = _Brain(APIStatusError("no", status_code=401))
    row = FallbackBrain([first, _Brain("second")])
    assert await _said(row) == "second"
    await eventually(lambda: failures(Provider.LLM) == before + 2, _SOON_S, "asked once more")
    recovered = recoveries(Provider.LLM)
    first.parts = ("well",)
    assert await _said(row) == "second"
    await eventually(lambda: recoveries(Provider.LLM) > recovered, _SOON_S, "it is back")
    assert await _said(row) == "well"
    assert failures(Provider.LLM) == before + 2


async def test_one_that_falls_silent_is_given_up_and_one_that_thinks_for_long_is_not() -> None:
    silent = FallbackBrain([_Brain("I ", 60.0), _Brain("second")], gap_s=0.05)
    with pytest.raises(APIConnectionError):
        await _said(silent)
    # What it had said is gone: the answer begins anew, with whoever is next.
    assert await _said(silent) == "second"
    slow = FallbackBrain([_Brain(0.5, "first"), _Brain("never")], gap_s=0.05)
    assert await _said(slow) == "first"


async def test_where_none_answers_each_is_counted_once() -> None:
    before = failures(Provider.LLM)
    gone = APIConnectionError("gone", retryable=False)
    row = FallbackBrain([_Brain(gone), _Brain(gone)])
    with pytest.raises(APIConnectionError):
        await _said(row)
    # Both are also asked once more in the background.
    await eventually(lambda: failures(Provider.LLM) >= before + 4, _SOON_S, "asked once more")
    assert failures(Provider.LLM) == before + 4
