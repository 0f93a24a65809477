"""Times of a delivery, guard to acknowledgement, and what it adds to the voice; never over a mock.

The agent's side is this process, the caller's screen another one, the SFU between them real.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from offmic import phrases
from offmic.delivery import DeliveryState
from offmic.guard import Guard, Said
from offmic.local.tts import TTS
from offmic.secrets import Vault
from tests.fakes.deliveries import VALUE, delivering
from tests.fakes.screen_process import screen_process

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from offmic.delivery import RoomChannel
    from tests.fakes.sfu import Sfu

_PATIENCE_S: Final = 10.0
_SENTENCE: Final = (
    "Sure, I can help with that. The Wi-Fi password is ",
    "{handle}",
    ". Anything else?",
)
_CHUNK_S: Final = 0.01
"""Between two pieces of the model's text, as of a fast one."""


async def time_deliveries(sfu: Sfu, count: int) -> list[float]:
    """Divert this many secrets; return the times to their acknowledgements, in seconds."""
    async with delivering(sfu) as channel, screen_process(sfu):
        # Its first one waits until the screen was seen.
        await _time_delivery(channel)
        return [await _time_delivery(channel) for _ in range(count)]


async def time_added(sfu: Sfu, count: int) -> list[float]:
    """Speak a reply with a secret in its second sentence, this many times.

    Returns:
        How long the voice was silent each time, waiting for what comes next, in seconds; what it
        waits for at its start is not in it.
    """
    voice = TTS()
    voice.prewarm()
    async with delivering(sfu) as channel, screen_process(sfu):
        await _time_delivery(channel)
        await _play(voice, _reply(channel))
        return [await _play(voice, _reply(channel)) for _ in range(count)]


async def _time_delivery(channel: RoomChannel) -> float:
    vault = Vault()
    secret = vault.hold(VALUE, "Wi-Fi password", "password")
    guard = Guard(vault)
    begun_s = time.monotonic()
    parts = [*guard.feed(f"The Wi-Fi password is {secret.handle}."), *guard.flush()]
    assert any(not isinstance(part, Said) for part in parts)
    delivery = channel.deliver(secret)
    assert await delivery.settled(_PATIENCE_S) is DeliveryState.SHOWN
    return time.monotonic() - begun_s


async def _reply(channel: RoomChannel) -> AsyncIterator[str]:
    vault = Vault()
    secret = vault.hold(VALUE, "Wi-Fi password", "password")
    guard = Guard(vault)
    for chunk in _SENTENCE:
        await asyncio.sleep(_CHUNK_S)
        for part in guard.feed(chunk.format(handle=secret.handle)):
            if isinstance(part, Said):
                yield part.text
            else:
                delivery = channel.deliver(secret)
                await delivery.settled(_PATIENCE_S)
                yield phrases.spoken(delivery)
    for part in guard.flush():
        assert isinstance(part, Said)
        yield part.text


async def _play(voice: TTS, words: AsyncIterator[str]) -> float:
    """Return how long the sound of these words breaks off, played as it comes, in seconds."""
    played_until_s: float | None = None
    silent_s = 0.0
    async with voice.stream() as stream:

        async def push() -> None:
            try:
                async for text in words:
                    stream.push_text(text)
            finally:
                stream.end_input()

        pushing = asyncio.create_task(push())
        async for audio in stream:
            come_s = time.monotonic()
            if played_until_s is None:
                played_until_s = come_s
            silent_s += max(0.0, come_s - played_until_s)
            played_until_s = max(played_until_s, come_s) + audio.frame.duration
        await pushing
    return silent_s
