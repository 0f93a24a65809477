"""One job's time in its room: it begins with the lease, and ends so that no caller is forgotten.

At its end another agent is let in where callers are still there; a secret is never handed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
from typing import TYPE_CHECKING, Final

from livekit import api, rtc
from livekit.agents.job import DEFAULT_PARTICIPANT_KINDS
from livekit.agents.voice.events import CloseReason

from offmic.phrases import CUT_OFF, HANDING_OVER

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from livekit.agents import AgentSession, CloseEvent, JobContext

    from offmic.ear import Ear
    from offmic.fleet.lease import Lease

_log = logging.getLogger("offmic")

SIGNAL_HAND_OVER: Final = signal.SIGUSR2
"""What a worker sends to its jobs shortly before its time is over."""
_NOT_OVER: Final = (CloseReason.ERROR, CloseReason.JOB_SHUTDOWN)
_TOLD_WITHIN_S: Final = 15.0
_ASK_AGAIN_S: Final = 6.0
_CUT_S: Final = 2.0
"""A shorter one is a pause in a sentence."""


def ignore_hand_over() -> None:
    """Stay alive when the worker sends its signal to a process whose job is not ready for it."""
    if threading.current_thread() is threading.main_thread():  # the console's is not
        signal.signal(SIGNAL_HAND_OVER, signal.SIG_IGN)


class Shift:
    """What the job of one room does for its fleet.

    Args:
        job: the job.
        lease: its right to serve the room.
    """

    def __init__(self, job: JobContext, lease: Lease) -> None:
        self._job = job
        self._lease = lease
        self._ear: Ear | None = None
        self._joined = False
        self._callers = False
        self._over = False
        self._cut_s: float | None = None
        self._joined_anew = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._handing_over: asyncio.Task[None] | None = None
        lease.keep(self._is_alive, self._asker, self._go)
        job.add_shutdown_callback(self._end)

    @classmethod
    async def begin(cls, job: JobContext, redis_url: str | None) -> Shift | None:
        """Begin, or return None where another agent serves this room.

        Args:
            job: not connected yet.
            redis_url: of OFFMIC_REDIS_URL.
        """
        # Late: the Redis client would cost every start of a worker; jobs find it loaded.
        from offmic.fleet.lease import Lease

        lease = await Lease.take(job, redis_url)
        return None if lease is None else cls(job, lease)

    @property
    def resumed(self) -> bool:
        """Whether another agent served this call before; what it knew is gone."""
        return self._lease.resumed

    def serve(self, session: AgentSession[object], ear: Ear) -> None:
        """Go on with the participant whom the agent before listened to; be ready to hand over.

        Args:
            session: started.
            ear: attached.
        """
        self._ear = ear
        if self._lease.asker in self._job.room.remote_participants:
            ear.listen_to(self._lease.asker)

        def on_close(event: CloseEvent) -> None:
            self._over = event.reason not in _NOT_OVER

        session.on("close", on_close)
        self._job.room.on("reconnecting", self._note_cut)
        self._job.room.on("local_track_republished", self._note_joined_anew)
        self._job.room.on("reconnected", lambda: self._spawn(self._after_cut(session)))

        def hand_over() -> None:
            if self._handing_over is None:
                self._handing_over = asyncio.create_task(self._hand_over(session))

        asyncio.get_running_loop().add_signal_handler(SIGNAL_HAND_OVER, hand_over)

    def _note_cut(self) -> None:
        if self._cut_s is None:
            self._cut_s = asyncio.get_running_loop().time()

    def _note_joined_anew(self, *_: object) -> None:
        # The node that hosted the room is gone: it was deaf since then, and has noticed late.
        self._joined_anew = True

    async def _after_cut(self, session: AgentSession[object]) -> None:
        # What was said meanwhile went nowhere. Another agent may have the room by now.
        began_s, self._cut_s = self._cut_s, None
        anew, self._joined_anew = self._joined_anew, False
        lasted_s = 0.0 if began_s is None else asyncio.get_running_loop().time() - began_s
        await self._lease.confirm()
        if not anew and lasted_s <= _CUT_S:
            return
        if anew:
            await self._wait_for_asker()
        with contextlib.suppress(RuntimeError):  # what may not be interrupted goes first
            session.interrupt()
        session.say(CUT_OFF)

    async def _wait_for_asker(self) -> None:
        # Who asked is still on the way to where the room is now.
        room, moved = self._job.room, asyncio.Event()

        def note(_: rtc.RemoteParticipant) -> None:
            moved.set()

        room.on("participant_connected", note)
        while (asker := self._asker()) and asker not in room.remote_participants:
            moved.clear()
            await moved.wait()
        room.off("participant_connected", note)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _is_alive(self) -> bool:
        room = self._job.room
        connected = room.connection_state == rtc.ConnectionState.CONN_CONNECTED
        self._joined |= connected
        if connected:
            there = room.remote_participants.values()
            self._callers = any(p.kind in DEFAULT_PARTICIPANT_KINDS for p in there)
        return connected or not self._joined

    def _asker(self) -> str | None:
        return self._lease.asker if self._ear is None else self._ear.identity

    async def _hand_over(self, session: AgentSession[object]) -> None:
        from offmic.fleet.lease import ATTRIBUTE_RESUMED

        room = self._job.room
        _log.info("handing the room over")

        def on_joined(participant: rtc.RemoteParticipant) -> None:
            # Without Redis this is how it shows that another one is there.
            if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
                self._spawn(self._go())

        speech = session.say(HANDING_OVER, allow_interruptions=False)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(speech.wait_for_playout(), _TOLD_WITHIN_S)
        room.on("participant_connected", on_joined)
        job = self._job.job
        while True:
            try:
                await self._lease.hand_over()
                await self._job.api.agent_dispatch.create_dispatch(
                    api.CreateAgentDispatchRequest(
                        agent_name=job.agent_name,
                        room=room.name,
                        metadata=job.metadata,
                        attributes={**job.attributes, ATTRIBUTE_RESUMED: "1"},
                    )
                )
            except Exception:  # noqa: BLE001 - whatever it is, the call goes on here
                _log.warning("could not ask for another agent: trying again")
            await asyncio.sleep(_ASK_AGAIN_S)

    async def _go(self) -> None:
        await self._job.room.disconnect()
        self._job.shutdown("another agent serves this room")

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._handing_over is not None:
            self._handing_over.cancel()
        await self._lease.release(is_over=self._over or not self._callers)
