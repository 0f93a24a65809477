"""A model's answer that does not break off: the caller is not left waiting, nor with half of it.

It must never let what was held back before a break be said after it: it says where the break is.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from livekit.agents import APIError, llm
from livekit.agents.utils import aio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable

PATIENCE_S: Final = 1.6
"""After so long without a word the caller is told that it takes a moment."""
_TRIES: Final = 3


class Sign(Enum):
    """What stands in an answer beside the model's own chunks."""

    LATE = auto()
    """The first word takes long."""
    BROKEN_OFF = auto()
    """What came so far is all of it that will come; the whole answer begins again."""


Asked: TypeAlias = "Callable[[], AsyncIterable[Any]]"


async def persevere(
    ask: Asked, on_failure: Callable[[], None], patience_s: float = PATIENCE_S
) -> AsyncGenerator[Any, None]:
    """Yield a model's answer, asked again where it breaks off between two words.

    One that broke off after it called a tool is not asked again: the tool may be at work.

    Args:
        ask: begins the answer anew; of several models the next one gives it.
        on_failure: called where no model answers, before the error is raised.
        patience_s: how long the first word may take before `Sign.LATE`, in seconds.

    Raises:
        APIError: no model answers, or the answer broke off where it cannot begin anew.
    """
    for left in reversed(range(_TRIES)):
        spoke = called = False
        try:
            async with aclosing(_promptly(ask(), patience_s)) as chunks:
                async for chunk in chunks:
                    spoke = spoke or _speaks(chunk)
                    called = called or _calls(chunk)
                    yield chunk
        except APIError:
            if called or not spoke or not left:
                on_failure()
                raise
            yield Sign.BROKEN_OFF
        else:
            return


async def _promptly(answer: AsyncIterable[Any], patience_s: float) -> AsyncGenerator[Any, None]:
    """Yield what comes; `Sign.LATE` once where the first takes long."""
    chunks: asyncio.Queue[Any] = asyncio.Queue()
    end = object()

    async def read() -> None:
        # In one task, since the framework keeps its spans in the context of the one that reads.
        try:
            async for chunk in answer:
                chunks.put_nowait(chunk)
        finally:
            chunks.put_nowait(end)

    reading = asyncio.create_task(read())
    try:
        try:
            async with asyncio.timeout(patience_s):
                chunk = await chunks.get()
        except TimeoutError:
            yield Sign.LATE
            chunk = await chunks.get()
        while chunk is not end:
            yield chunk
            chunk = await chunks.get()
        await reading
    finally:
        await aio.cancel_and_wait(reading)


def _speaks(chunk: Any) -> bool:
    if isinstance(chunk, str):
        return bool(chunk)
    return isinstance(chunk, llm.ChatChunk) and bool(chunk.delta and chunk.delta.content)


def _calls(chunk: Any) -> bool:
    return isinstance(chunk, llm.ChatChunk) and bool(chunk.delta and chunk.delta.tool_calls)
