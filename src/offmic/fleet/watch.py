"""Notices a room whose agent died and dispatches a new one; it must never dispatch on a guess.

An agent counts as dead when its beat stood still while this watcher saw Redis and the SFU all the
time. Of several watchers the one whose `vacate` succeeds dispatches.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aiohttp
from livekit import api

from offmic.fleet.attention import Attention
from offmic.fleet.register import LATE_S, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from offmic.fleet.register import Entry, Register

_log = logging.getLogger("offmic.watch")

_LOOK_S: Final = 0.25
_ASK_AGAIN_S: Final = 6.0
"""A worker without a warm process needs 4.5 s."""
_RETRY_S: Final = 0.5
_SFU_TIMEOUT_S: Final = 2.0
_FAILED: Final = (*UNREACHABLE, aiohttp.ClientError, api.TwirpError)
_NO_CALLERS: Final = (
    api.ParticipantInfo.Kind.AGENT,
    api.ParticipantInfo.Kind.EGRESS,
    api.ParticipantInfo.Kind.INGRESS,
)


@dataclass
class _Sight:
    entry: Entry
    since_s: float
    sfu_since_s: float | None = None
    """When the SFU was asked and answered, beside this beat that stands still."""


class Watcher:
    """Looks at every room of the register.

    Args:
        register: where the agents' beats stand.
        livekit: the SFU's interface.
    """

    def __init__(self, register: Register, livekit: api.LiveKitAPI) -> None:
        self._register = register
        self._livekit = livekit
        self._attention = Attention(LATE_S)
        self._sights: dict[str, _Sight] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._away: set[str] = set()
        self._undone: set[str] = set()
        self._suspected: set[str] = set()
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Watch until `stop` is called."""
        # Not until cancelled: the client of Redis can lose a cancellation.
        while not self._stopped.is_set():
            await self._look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _LOOK_S)
        await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def stop(self) -> None:
        """End after what is under way."""
        self._stopped.set()

    def suspect(self, room: str) -> None:
        """Take half the time to find the agent of a room dead: the SFU says that it left.

        Args:
            room: its name.
        """
        self._suspected.add(room)

    async def _look(self) -> None:
        try:
            entries = await self._register.entries()
        except UNREACHABLE:
            self._note_away("Redis")
            # What moved meanwhile was not seen: everyone gets their time anew.
            self._sights.clear()
            return
        self._note_back("Redis")
        now_s = self._attention.look()
        old, self._sights = self._sights, {}
        for entry in entries:
            seen = old.get(entry.room)
            sight = seen if seen is not None and seen.entry == entry else _Sight(entry, now_s)
            self._sights[entry.room] = sight
            if entry.room not in self._busy:
                self._consider(sight, now_s)

    def _consider(self, sight: _Sight, now_s: float) -> None:
        entry = sight.entry
        patience_s = self._patience_s(entry)
        # Who is cut off as long as the SFU is comes back with it: it gets most of its time then.
        asked_s = patience_s / 3 if entry.holder else 0
        if asked_s and sight.sfu_since_s is None:
            if now_s - sight.since_s >= asked_s:
                self._begin(entry.room, self._ask_sfu(sight))
        elif now_s - max(sight.since_s + asked_s, sight.sfu_since_s or 0) >= patience_s - asked_s:
            self._begin(entry.room, self._mend(entry))

    def _patience_s(self, entry: Entry) -> float:
        if entry.holder:
            return LATE_S / 2 if entry.room in self._suspected else LATE_S
        if entry.abandoned:
            return 0
        return _RETRY_S if entry.room in self._undone else _ASK_AGAIN_S

    def _begin(self, room: str, work: Coroutine[object, object, None]) -> None:
        def done(_: asyncio.Task[None]) -> None:
            del self._busy[room]

        task = asyncio.create_task(work, name="offmic_mend")
        self._busy[room] = task
        task.add_done_callback(done)

    async def _ask_sfu(self, sight: _Sight) -> None:
        if await self._rooms(sight.entry.room) is not None:
            sight.sfu_since_s = self._attention.look()

    async def _mend(self, entry: Entry) -> None:
        rooms = await self._rooms(entry.room)
        if rooms is None:
            return
        self._undone.discard(entry.room)
        self._suspected.discard(entry.room)
        try:
            if rooms:
                await self._replace(entry)
            else:
                await self._register.forget(entry)
        except _FAILED:
            # The room's node is gone: its callers are on their way to another one.
            self._undone.add(entry.room)

    async def _replace(self, entry: Entry) -> None:
        there = await self._participants(entry.room)
        if not await self._register.vacate(entry):
            return  # it moved, or another watcher was first
        callers = any(p.kind not in _NO_CALLERS for p in there)
        where = {"room": entry.room, "epoch": entry.epoch, "callers": callers}
        _log.warning("an agent is gone: sending another one", extra=where)
        steps = [self._remove(entry)]
        if callers:
            steps.append(self._dispatch(entry))
        await asyncio.gather(*steps)

    async def _rooms(self, room: str) -> list[api.Room] | None:
        try:
            async with asyncio.timeout(_SFU_TIMEOUT_S):
                found = await self._livekit.room.list_rooms(api.ListRoomsRequest(names=[room]))
        except _FAILED:
            self._note_away("the SFU")
            # Agents that it cut off may be back in a moment: they get their time anew.
            self._sights.clear()
            return None
        self._note_back("the SFU")
        return list(found.rooms)

    async def _participants(self, room: str) -> list[api.ParticipantInfo]:
        async with asyncio.timeout(_SFU_TIMEOUT_S):
            found = await self._livekit.room.list_participants(
                api.ListParticipantsRequest(room=room)
            )
        return list(found.participants)

    async def _remove(self, entry: Entry) -> None:
        # A hung one may wake up; the SFU takes 20 s to notice by itself. It may be gone already.
        request = api.RoomParticipantIdentity(room=entry.room, identity=entry.identity)
        with suppress(*_FAILED):
            async with asyncio.timeout(_SFU_TIMEOUT_S):
                await self._livekit.room.remove_participant(request)

    async def _dispatch(self, entry: Entry) -> None:
        async with asyncio.timeout(_SFU_TIMEOUT_S):
            await self._livekit.agent_dispatch.create_dispatch(
                api.CreateAgentDispatchRequest(room=entry.room, agent_name=entry.agent_name)
            )

    def _note_away(self, what: str) -> None:
        if what not in self._away:
            _log.warning("%s cannot be reached: nothing is dispatched until it is back", what)
        self._away.add(what)

    def _note_back(self, what: str) -> None:
        if what in self._away:
            _log.warning("%s is back", what)
        self._away.discard(what)
