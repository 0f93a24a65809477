"""A job's right to serve its room: taken before it joins, kept by beats, lost for good.

A job without it must not speak; where Redis is away nobody can take it, and calls go on.
"""

from __future__ import annotations

import asyncio
import logging
import mmap
import os
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Final

from offmic.fleet.attention import Attention
from offmic.fleet.register import BEAT_S, LATE_S, UNREACHABLE, Held, Register, Taken, open_register

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from livekit.agents import JobContext

_log = logging.getLogger("offmic")

ATTRIBUTE_RESUMED: Final = "offmic.resumed"
"""Of a dispatch: this room's agent hands it over, for fleets without Redis."""
_GIVE_WAY_S: Final = 2 * LATE_S
_ASK_S: Final = 0.2
_SPARE_BYTES: Final = 32 << 20
"""Asked for and never touched."""


class Lease:
    """The right to serve one room.

    Args:
        room: its name.
        holder: the id of the job.
        identity: of the job's participant.
        agent_name: under which it was dispatched.
        resumed: whether another agent served this call before.
        asker: the identity of the participant whom that one listened to, empty where none.
        register: where it stands; None on one machine, where nobody else asks for it.
    """

    def __init__(
        self,
        room: str,
        holder: str,
        identity: str,
        agent_name: str,
        *,
        resumed: bool = False,
        asker: str = "",
        register: Register | None = None,
    ) -> None:
        self.resumed = resumed
        self.asker = asker
        self._room = room
        self._holder = holder
        self._identity = identity
        self._agent_name = agent_name
        self._register = register
        self._resources = AsyncExitStack()
        self._beating: asyncio.Task[None] | None = None
        self._released = False
        self._due = asyncio.Event()
        self._confirmed = asyncio.Event()

    @classmethod
    async def take(cls, job: JobContext, redis_url: str | None) -> Lease | None:
        """Take the room of a job, or return None where another agent serves it.

        Args:
            job: not connected yet: who loses has not been in the room.
            redis_url: of OFFMIC_REDIS_URL.
        """
        lease = cls(
            job.job.room.name,
            job.job.id,
            job.local_participant_identity,
            job.job.agent_name,
            resumed=ATTRIBUTE_RESUMED in job.job.attributes,
        )
        if redis_url is None:
            return lease
        lease._register = await lease._resources.enter_async_context(open_register(redis_url))
        try:
            taken = await lease._wait_for_it()
        except UNREACHABLE:
            _log.warning("Redis is away: serving the room without asking who else does")
            return lease
        if taken is None:
            await lease._resources.aclose()
            return None
        lease.resumed |= taken.resumed
        lease.asker = taken.asker
        return lease

    def keep(
        self,
        is_alive: Callable[[], bool],
        asker: Callable[[], str | None],
        on_lost: Callable[[], Awaitable[None]],
    ) -> None:
        """Beat from now on.

        Args:
            is_alive: whether the job can serve; while it cannot, no beat says that it lives.
            asker: the identity of the participant who is listened to.
            on_lost: called once another job has the room.
        """
        if self._register is not None:
            self._beating = asyncio.create_task(
                self._beat(self._register, is_alive, asker, on_lost), name="offmic_beat"
            )

    async def confirm(self) -> None:
        """Wait until it is known that the room is still this job's; where it is not, for ever."""
        if self._register is not None:
            self._confirmed.clear()
            self._due.set()
            await self._confirmed.wait()

    async def hand_over(self) -> None:
        """Let the next one have the room; until it comes the room stays this job's."""
        if self._register is not None:
            await self._register.leave(self._room, self._holder)

    async def release(self, *, is_over: bool) -> None:
        """Stop beating, once and for all.

        Args:
            is_over: whether the call is; False where its callers are still there and another agent
                is to serve them.
        """
        if self._released:
            return
        # Not cancelled: the client of Redis can lose a cancellation, and the loop would go on.
        self._released = True
        self._due.set()
        if self._beating is not None and self._beating is not asyncio.current_task():
            await asyncio.gather(self._beating, return_exceptions=True)
        if self._register is None:
            return
        try:
            if is_over:
                await self._register.release(self._room, self._holder)
            else:
                await self._register.abandon(self._room, self._holder)
        except UNREACHABLE:
            _log.warning("Redis is away: that this job ended will be noticed later")
        await self._resources.aclose()

    async def _wait_for_it(self) -> Taken | None:
        # The holder may be gone, may be a call that is just ending, or may live.
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        attention, still_since_s = Attention(LATE_S), 0.0
        seen: Held | None = None
        while True:
            looked_s = attention.look()
            late = seen if seen is not None and looked_s - still_since_s >= LATE_S else None
            answer = await self._take(late)
            if isinstance(answer, Taken):
                return answer
            if answer != seen:
                seen, still_since_s = answer, looked_s
                if loop.time() - start_s >= _GIVE_WAY_S:
                    return None
            await asyncio.sleep(_ASK_S)

    async def _take(self, seen: Held | None = None) -> Taken | Held:
        assert self._register is not None  # noqa: S101 - nobody calls it without one
        return await self._register.take(
            self._room, self._holder, self._identity, self._agent_name, seen
        )

    async def _beat(
        self,
        register: Register,
        is_alive: Callable[[], bool],
        asker: Callable[[], str | None],
        on_lost: Callable[[], Awaitable[None]],
    ) -> None:
        away = False
        holds: bool | None = True
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), BEAT_S)
            self._due.clear()
            _die_without_memory()
            if self._released:
                return
            if not is_alive():
                continue
            try:
                holds = await register.beat(self._room, self._holder, asker() or "")
                if holds is None:  # Redis came back without what it knew
                    holds = isinstance(await self._take(), Taken)
            except UNREACHABLE:
                if not away:
                    _log.warning("Redis is away: the call goes on")
                away = True
            else:
                away = False
            if not holds:
                break
            self._confirmed.set()
        _log.warning("another agent serves this room: leaving it")
        await on_lost()


def _die_without_memory() -> None:
    # Without memory a job can still beat, but neither hear nor speak: another one has to. Asked of
    # the system: what the process was given and does not use is of no use to its other threads.
    try:
        mmap.mmap(-1, _SPARE_BYTES).close()
    except (OSError, MemoryError):
        os._exit(1)
