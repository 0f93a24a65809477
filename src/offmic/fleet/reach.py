"""Whether a job's SFU answers; a job that is cut off must not say for long that it serves.

The room's own client takes 15 s to miss an SFU that says nothing more.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import aiohttp

_ASK_S: Final = 1.0
_ANSWER_S: Final = 2.0
"""A watcher gives the SFU as long: where it is slow for all, nobody is sent."""
_STOOD_STILL_S: Final = 0.5
_SILENT_S: Final = 3.5


class Reach:
    """Asks an SFU once a second whether it is there.

    Args:
        url: of LIVEKIT_URL.
    """

    def __init__(self, url: str) -> None:
        self._url = url.replace("ws", "http", 1)
        self._answered = False
        self._silent_s = 0.0

    @property
    def cut_off(self) -> bool:
        """Whether an SFU that used to answer did not for some seconds."""
        # One that never answers such a question is not asked through this network.
        return self._answered and self._silent_s >= _SILENT_S

    async def watch(self) -> None:
        """Ask until cancelled."""
        loop = asyncio.get_running_loop()
        timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while True:
                start_s = loop.time()
                answered = await self._ask(http)
                took_s = loop.time() - start_s
                if answered:
                    self._answered, self._silent_s = True, 0.0
                elif took_s <= _ANSWER_S + _STOOD_STILL_S:
                    # A loop that stood still may have missed the answer.
                    self._silent_s += max(took_s, _ASK_S)
                await asyncio.sleep(max(_ASK_S - took_s, _ASK_S / 4))

    async def _ask(self, http: aiohttp.ClientSession) -> bool:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with http.get(self._url) as answer:
                return answer.status < 500
        return False
