"""Models in a row: the next one answers where one fails, or falls silent in its answer.

It must never give up a model that only thinks for long before its first word.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, cast

from livekit.agents import APITimeoutError, llm
from livekit.agents.llm.fallback_adapter import (
    DEFAULT_FALLBACK_API_CONNECT_OPTIONS,
    FallbackLLMStream,
)
from livekit.agents.types import NOT_GIVEN, APIConnectOptions, NotGivenOr

from offmic import metrics

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from livekit.agents.llm import ChatChunk

ATTEMPT_S: Final = 2.5
"""So long one model of several may take for its first word."""
GAP_S: Final = 1.5
"""So long it may take for the next one; a long call of a tool comes in one piece."""


class FallbackBrain(llm.FallbackAdapter):
    """Answers with the first model that works; one that failed is asked again in the background.

    The framework's adapter with a patience of its own for the midst of an answer; each request that
    fails is counted.

    Args:
        brains: the preferred one first.
        gap_s: how long one may be silent in the midst of its answer, in seconds.
    """

    def __init__(self, brains: Sequence[llm.LLM[Any]], gap_s: float = GAP_S) -> None:
        super().__init__(list(brains), attempt_timeout=ATTEMPT_S)
        self.gap_s = gap_s
        self.on("llm_availability_changed", _count_recovery)

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_FALLBACK_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,
    ) -> llm.LLMStream:
        """Begin an answer."""
        return _Stream(
            self,
            chat_ctx=chat_ctx,
            tools=tools or [],
            conn_options=conn_options,
            parallel_tool_calls=parallel_tool_calls,
            tool_choice=tool_choice,
            extra_kwargs=extra_kwargs,
        )


class _Stream(FallbackLLMStream):
    """One answer."""

    _llm: FallbackBrain

    async def _try_generate(
        self, *, llm: llm.LLM[Any], check_recovery: bool = False
    ) -> AsyncGenerator[ChatChunk, None]:
        answer = cast(
            "AsyncGenerator[ChatChunk, None]",
            super()._try_generate(llm=llm, check_recovery=check_recovery),
        )
        has_begun = False
        try:
            async with aclosing(answer) as chunks:
                while True:
                    try:
                        async with asyncio.timeout(self._llm.gap_s if has_begun else None):
                            chunk = await anext(chunks, None)
                    except TimeoutError:
                        raise APITimeoutError from None
                    if chunk is None:
                        return
                    has_begun = has_begun or bool(chunk.delta and chunk.delta.content)
                    yield chunk
        except Exception:
            metrics.count_failure(metrics.Provider.LLM)
            raise


def _count_recovery(event: llm.AvailabilityChangedEvent) -> None:
    if event.available:
        metrics.count_recovery(metrics.Provider.LLM)
