"""A receiver whose transport fails as it is told: its rules are the real ones, untouched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from offmic.delivery.envelope import MAX_BODY_BYTES
from offmic.receiver import Receiver, SecretReceived
from offmic.streams import read_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from random import Random

    from livekit import rtc


@dataclass(slots=True)
class Faults:
    """How often each fault happens, from 0 to 1.

    Args:
        drop: an envelope is lost.
        delay: it comes up to `delay_s` later, so that later ones overtake it.
        duplicate: it comes twice.
        mute: its acknowledgement is not sent.
        deaf: the answer to its acknowledgement is lost.
        delay_s: the longest delay, in seconds.
        swap: envelopes come in pairs, the later one first.
    """

    drop: float = 0.0
    delay: float = 0.0
    duplicate: float = 0.0
    mute: float = 0.0
    deaf: float = 0.0
    delay_s: float = 1.0
    swap: bool = False


class UnreliableReceiver(Receiver):
    """The receiver behind a transport with faults.

    Args:
        room: as for `Receiver`.
        on_secret: as for `Receiver`.
        faults: may be changed while it runs.
        chance: decides which envelope is hit.
        tell: called with `taken` when an envelope came, whatever becomes of it, and with `answered`
            when its acknowledgement was, whether or not the answer is lost.
    """

    def __init__(
        self,
        room: rtc.Room,
        on_secret: Callable[[SecretReceived], None],
        faults: Faults,
        chance: Random,
        tell: Callable[[str], None],
    ) -> None:
        super().__init__(room, on_secret)
        self._faults = faults
        self._chance = chance
        self._tell = tell
        self._held: str | None = None

    async def _receive(self, reader: rtc.TextStreamReader, agent: str) -> None:
        body = await read_text(reader, MAX_BODY_BYTES)
        if body is None:
            return
        self._tell("taken")
        for one in self._pair(body):
            await self._hand_over(one, agent)

    def _pair(self, body: str) -> list[str]:
        if not self._faults.swap:
            return [body]
        if self._held is None:
            self._held = body
            return []
        bodies, self._held = [body, self._held], None
        return bodies

    async def _hand_over(self, body: str, agent: str) -> None:
        if self._happens(self._faults.drop):
            return
        if self._happens(self._faults.delay):
            await asyncio.sleep(self._chance.uniform(0, self._faults.delay_s))
        copies = 2 if self._happens(self._faults.duplicate) else 1
        await asyncio.gather(
            *(super(UnreliableReceiver, self)._receive(_again(body), agent) for _ in range(copies))
        )

    async def _acknowledge(self, agent: str, payload: str) -> str | None:
        if self._happens(self._faults.mute):
            return None
        answer = await super()._acknowledge(agent, payload)
        lost = self._happens(self._faults.deaf)
        self._tell("answered")
        return None if lost else answer

    def _happens(self, how_often: float) -> bool:
        return self._chance.random() < how_often


class _Body:
    def __init__(self, body: str) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[str]:
        yield self._body

    def close(self) -> None:
        pass


def _again(body: str) -> rtc.TextStreamReader:
    reader: Any = _Body(body)
    return cast("rtc.TextStreamReader", reader)
