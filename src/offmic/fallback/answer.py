"""A model's answer that does not break off: the caller is not left waiting, nor with half of it.

It must never let what was held back before a break be said after it: it says where the break is.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from contextlib import aclosing
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from livekit.agents import APIError, llm
from livekit.agents.utils import aio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable

PATIENCE_S: Final = 1.6
"""After so long without a clause the caller is told that it takes a moment."""
_SILENCE_S: Final = 2.2
"""So long after their last sound, however late their words were known; a voice takes time too."""
_LEAST_S: Final = 0.3
_CLAUSE: Final = re.compile(r"[.,;:!?…]\s")
_TRIES: Final = 3


class Sign(Enum):
    """What stands in an answer beside the model's own chunks."""

    LATE = auto()
    """There is nothing yet that could be said."""
    BROKEN_OFF = auto()
    """What came so far is all of it that will come; the whole answer begins again."""


Asked: TypeAlias = "Callable[[], AsyncIterable[Any]]"


def patience_for(history: llm.ChatContext) -> float:
    """Return how long the answer to the last words of a caller may take, in seconds.

    Args:
        history: what the model is asked with; the time in which a recogniser failed, a tool worked
            or a model called it counts, unless something was said meanwhile.
    """
    last = next((item for item in reversed(history.items) if item.type == "message"), None)
    if last is None or last.role != "user":
        return PATIENCE_S
    silent_s = last.metrics.get("stopped_speaking_at")
    if silent_s is None:
        return PATIENCE_S
    return min(max(silent_s + _SILENCE_S - time.time(), _LEAST_S), PATIENCE_S)


async def persevere(
    ask: Asked, on_failure: Callable[[], None], patience_s: float = PATIENCE_S
) -> AsyncGenerator[Any, None]:
    """Yield a model's answer, asked again where it breaks off between two words.

    One that broke off after it called a tool is not asked again: the tool may be at work.

    Args:
        ask: begins the answer anew; of several models the next one gives it.
        on_failure: called where no model answers, before the error is raised.
        patience_s: how long the first clause may take before `Sign.LATE`, in seconds.

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
    """Yield what comes; `Sign.LATE` once, before the first clause where that takes long.

    A voice begins with a whole clause: words without an end are kept here as long.
    """
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
    kept: deque[Any] = deque()
    try:
        try:
            async with asyncio.timeout(patience_s):
                words = ""
                while not _CLAUSE.search(words):
                    kept.append(await chunks.get())
                    if _calls(kept[-1]) or (more := _words_of(kept[-1])) is None:
                        break
                    words += more
        except TimeoutError:
            yield Sign.LATE
        while (chunk := kept.popleft() if kept else await chunks.get()) is not end:
            yield chunk
        await reading
    finally:
        await aio.cancel_and_wait(reading)


def _words_of(chunk: Any) -> str | None:
    """Return a chunk's words, None where it is something else, such as the end."""
    if isinstance(chunk, str):
        return chunk
    if not isinstance(chunk, llm.ChatChunk):
        return None
    return (chunk.delta.content if chunk.delta else None) or ""


def _speaks(chunk: Any) -> bool:
    return bool(_words_of(chunk))


def _calls(chunk: Any) -> bool:
    return isinstance(chunk, llm.ChatChunk) and bool(chunk.delta and chunk.delta.tool_calls)
