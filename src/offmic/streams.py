"""Reads text streams of a room; what a sender does not end or makes too long must not be kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from livekit import rtc

if TYPE_CHECKING:
    from livekit.rtc import TextStreamReader

_TIMEOUT_S: Final = 10.0


async def read_text(reader: TextStreamReader, limit: int) -> str | None:
    """Read a stream to its end.

    Args:
        reader: of the stream.
        limit: the most characters it may have.

    Returns:
        The text, or None where it is longer or does not come to its end within 10 s.
    """
    text = ""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            async for part in reader:
                text += part
                if len(text) > limit:
                    return None
    except (rtc.StreamError, TimeoutError):
        return None
    finally:
        reader.close()
    return text
