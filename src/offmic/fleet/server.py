"""The worker's server: how many calls it takes, and how it goes without cutting one.

It must never take a call that it cannot carry, nor end while a caller could still be handed over.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from livekit.agents import NOT_GIVEN, AgentServer
from livekit.agents.utils import is_given
from livekit.agents.utils.hw import get_cpu_monitor

from offmic.fleet.shift import SIGNAL_HAND_OVER
from offmic.fleet.supply import Supply

if TYPE_CHECKING:
    from livekit.agents import NotGivenOr
    from livekit.protocol import agent

_log = logging.getLogger("offmic")

_CALLS_PER_CORE: Final = 6
"""Each costs about 0.12 of a core with all parts on the device, the SFU's part included."""
FULL: Final = 0.7
"""An SFU sends nothing to a worker that reports so much, its `agents.target_load`; in `start` it is
the framework's threshold as well."""
_HAND_OVER_S: Final = 45.0
"""Before the drain time is over: two workers may have to be asked, and each caller is told."""
_SIGNAL_AGAIN_S: Final = 1.0
_SFU_TIMEOUT_S: Final = 2.0


class FleetServer(AgentServer):
    """An `AgentServer` that counts calls, hands them over at its end, and knows how it is.

    Args:
        options: whatever `livekit.agents.AgentServer` takes.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(load_fnc=lambda: measure_load(self), **options)
        self._supply = Supply()

    @property
    def calls(self) -> int:
        """How many calls it serves or has just said yes to."""
        return len(self.active_jobs) + self._reserved_slots

    @property
    def capacity(self) -> int:
        """How many calls it carries at once, by the cores that it may use."""
        return max(int(_CALLS_PER_CORE * get_cpu_monitor().cpu_count()), 1)

    @property
    def has_models(self) -> bool:
        """Whether a process that loaded what a call needs is there for another one, or soon is."""
        full = self.calls >= self.capacity
        return self._supply.suffices(self._proc_pool.processes, full=full)

    @property
    def infers(self) -> bool:
        """Whether the process that jobs share for inference lives, where there is one."""
        shared = self._inference_executor
        return shared is None or bool(shared.is_alive())

    @property
    def has_room(self) -> bool:
        """Whether it would take another call."""
        return bool(self._is_available())

    @property
    def is_registered(self) -> bool:
        """Whether the SFU has been told that it takes calls."""
        return self._id != "unregistered" and not self._connecting

    async def reaches_sfu(self) -> bool:
        """Ask whether the SFU answers at all."""
        address = self._ws_url.replace("ws", "http", 1)
        timeout = aiohttp.ClientTimeout(total=_SFU_TIMEOUT_S)
        if self._http_session is None:
            return False
        with suppress(aiohttp.ClientError, TimeoutError):
            async with self._http_session.get(address, timeout=timeout) as answer:
                return answer.status < 500
        return False

    async def drain(
        self,
        timeout: NotGivenOr[int | None] = NOT_GIVEN,  # noqa: ASYNC109 - the framework's name
    ) -> None:
        """Take no call any more and wait until the others are over, or have been handed over.

        Args:
            timeout: how long, in seconds; what the server was made with where it is not given.

        Raises:
            TimeoutError: there are calls left.
        """
        whole_s = timeout if is_given(timeout) else self._drain_timeout
        handing_over = asyncio.create_task(self._hand_over(whole_s), name="offmic_hand_over")
        try:
            await super().drain(timeout)
        finally:
            handing_over.cancel()

    async def _hand_over(self, drain_s: float | None) -> None:
        # The framework tells its jobs nothing until the time is over, and then ends them.
        if not drain_s:
            return
        await asyncio.sleep(max(drain_s - _HAND_OVER_S, drain_s / 3))
        if self.active_jobs:
            _log.warning("handing calls over", extra={"calls": len(self.active_jobs)})
        while True:
            for process in self._proc_pool.processes:
                pid = getattr(process, "pid", None)
                if process.running_job is not None and pid is not None:
                    with suppress(ProcessLookupError):
                        os.kill(pid, SIGNAL_HAND_OVER)
            await asyncio.sleep(_SIGNAL_AGAIN_S)

    def _get_effective_load(self) -> float:
        # The framework guesses what calls cost that it has accepted in the same half second.
        return measure_load(self) if self.has_models else FULL

    def _is_available(self) -> bool:
        # `dev` has no threshold, and what the SFU knows of the load is seconds old.
        return super()._is_available() and self._get_effective_load() < FULL

    async def _answer_availability(
        self, msg: agent.AvailabilityRequest, *, received_at: float | None = None
    ) -> None:
        if not self._is_available():
            _log.warning(
                "refusing a call",
                extra={
                    "room": msg.job.room.name,
                    "calls": self.calls,
                    "capacity": self.capacity,
                    "models": self.has_models,
                    "draining": self.draining,
                },
            )
        await super()._answer_availability(msg, received_at=received_at)


def measure_load(server: FleetServer) -> float:
    """Return how full this worker is, from 0 to `FULL`, by the calls that it serves.

    By calls and not by CPU: what else runs on the machine must not turn callers away.
    """
    return min(server.calls / server.capacity, 1.0) * FULL
