"""One fault in a live call: what was asked, what was seen, and what is left unaccounted for.

Two rooms: the fault is meant for one, the other must not notice. Nothing is judged here.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import redis.asyncio

from offmic.audit.renderings import leaks
from tests.fakes.desk import VALUES
from tests.fakes.fleet import PatientVisitor, patient_visitor
from tests.fakes.worker import PROJECT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from tests.fakes.fleet import Fleet

SEED: Final = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
BESIDE: Final = "beside"
QUESTION: Final = "What is the Wi-Fi password?"
AFTER: Final = "What is the door code?"
KEPT: Final = PROJECT / "build" / "faults"


@dataclass
class Outcome:
    """What one fault led to.

    Args:
        fault: its name.
        seed: of the moment at which it struck.
        back_s: from the fault to the agent's next word, in seconds; None where none came.
        agents: how many were in the room afterwards.
        unaccounted: secrets asked for that were neither shown nor said to be lost.
        leaked: renderings of values found in a sink.
        touched: what changed in the other room.
        answered: whether the caller's next question was.
        history: what happened, in order.
    """

    fault: str
    seed: int
    back_s: float | None = None
    agents: int = 0
    unaccounted: int = 0
    leaked: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    answered: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)

    def keep(self) -> None:
        """Write it down and print its line."""
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{self.fault}-{self.seed}.json").write_text(json.dumps(asdict(self), indent=1))
        back = "never" if self.back_s is None else f"{self.back_s:.1f} s"
        print(  # noqa: T201 - the figures are what this is run for
            f"\n{self.fault} (seed {self.seed}): next word {back}, agents {self.agents}, "
            f"secrets unaccounted for {self.unaccounted}, values in a sink {len(self.leaked)}, "
            f"other rooms touched {len(self.touched)}, answered after {self.answered}"
        )


class Run:
    """A call in the room that is struck, and one beside it.

    Args:
        fleet: what runs.
        fault: its name.
        room: that is struck.
        caller: in it.
        other: in the room beside it.
    """

    def __init__(
        self,
        fleet: Fleet,
        fault: str,
        room: str,
        caller: PatientVisitor,
        other: PatientVisitor,
    ) -> None:
        self.fleet = fleet
        self.room = room
        self.caller = caller
        self.other = other
        self.outcome = Outcome(fault, SEED)
        self._chance = random.Random(f"{fault} {SEED}")
        self._start_s = time.monotonic()

    def note(self, what: str, **more: Any) -> None:
        """Add a line to the history."""
        t = round(time.monotonic() - self._start_s, 3)
        self.outcome.history.append({"t": t, "what": what, **more})

    async def strike(
        self, fault: Callable[[], Awaitable[None]], within_s: float = 20, *, lasts: bool = False
    ) -> Outcome:
        """Ask for a secret, let the fault come at a moment of chance, and see what follows.

        Args:
            fault: what is done.
            within_s: how long the next word may take.
            lasts: whether the agent may well live through it; the next question brings the word.
        """
        before = await self.fleet.agents(BESIDE)
        shown_beside = list(self.other.shown)
        asking = asyncio.create_task(self.caller.say(QUESTION))
        await asyncio.sleep(self._chance.uniform(0, 4))
        self.note("fault", agents=await self.fleet.agents(self.room))
        events, when_s = len(self.caller.caller.events), self.caller.now_s
        await fault()
        self.note("struck")
        await asyncio.gather(asking, return_exceptions=True)
        if lasts:
            with suppress(TimeoutError):
                await self.caller.caller.wait_for(self._answered, within_s)
            await self.caller.caller.wait_until_idle(within_s)
        else:
            self.outcome.back_s = await self.caller.back_after(events, when_s, within_s)
        self.note("back", back_s=self.outcome.back_s)
        await self._ask_again(within_s)
        if lasts:
            self.outcome.back_s = await self.caller.back_after(events, when_s, 1)
        self._account()
        await self._look_beside(before, shown_beside)
        self.outcome.leaked = await look_into_sinks(self.fleet, (self.caller, self.other))
        # As the caller sees it: what the SFU lists can be out of date after a node's death.
        self.outcome.agents = len(self.caller.agents)
        self.note("over", agents=self.caller.agents)
        for watch in self.fleet.watchers:
            self.note("watcher", wrote=watch.output.splitlines())
        self.outcome.history += [dict(event) for event in self.caller.caller.events]
        self._hide_values()
        self.outcome.keep()
        return self.outcome

    def _answered(self) -> bool:
        # By the one who was asked, or by another one, who says that it is back.
        return bool(self.caller.shown) or "I am back" in str(self.caller.caller.transcripts)

    async def _ask_again(self, within_s: float) -> None:
        if self.outcome.back_s is None and not self.fleet.watchers:
            return
        answer = await self.caller.ask(AFTER, within_s=within_s)
        self.outcome.answered = bool(answer.shown)
        self.note("answered", written=answer.written)

    def _account(self) -> None:
        # The value that was asked for is on the screen, or the caller was told what to do.
        said = " ".join(text for who, text in self.caller.caller.transcripts if who != "you")
        told = "ask me for again" in said or "ask me again" in said or "not on your screen" in said
        asked = any("password" in t for who, t in self.caller.caller.transcripts if who == "you")
        shown = any(label == "Wi-Fi password" for label, _ in self.caller.shown)
        self.outcome.unaccounted = int(asked and not shown and not told)

    async def _look_beside(self, before: list[str], shown: list[tuple[str, str]]) -> None:
        touched = []
        if await self.fleet.agents(BESIDE) != before:
            touched.append("another agent")
        if self.other.shown != shown:
            touched.append("a secret that nobody there asked for")
        answer = await self.other.ask("What is the magic word?")
        if not answer.shown:
            touched.append("no answer")
        self.outcome.touched = touched

    def _hide_values(self) -> None:
        for event in self.outcome.history:
            event.pop("value", None)


@asynccontextmanager
async def calls(fleet: Fleet, fault: str, room: str = "struck") -> AsyncIterator[Run]:
    """Make both calls; each agent has greeted.

    Args:
        fleet: what runs.
        fault: its name.
        room: that is struck.
    """
    async with (
        patient_visitor(fleet.sfu, room, "anna") as caller,
        patient_visitor(fleet.sfu, BESIDE, "ben") as other,
    ):
        await asyncio.gather(caller.greeted(), other.greeted())
        yield Run(fleet, fault, room, caller, other)


async def look_into_sinks(fleet: Fleet, visitors: Iterable[PatientVisitor]) -> list[str]:
    """Return which values stand where they must not.

    Args:
        fleet: whose logs and Redis are read.
        visitors: whose transcripts are read.
    """
    sinks = {f"worker {n}": w.output for n, w in enumerate(fleet.workers)}
    sinks |= {f"watcher {n}": w.output for n, w in enumerate(fleet.watchers)}
    sinks |= {f"node {n}": node.log for n, node in enumerate(fleet.nodes)}
    sinks["redis"] = await _everything_in(fleet.redis.url)
    for visitor in visitors:
        lines = [text for _, text in visitor.caller.transcripts]
        sinks[f"what {visitor.caller.identity} read"] = "\n".join(lines)
    return [
        f"{name} in {sink}"
        for sink, text in sinks.items()
        for name, value in VALUES.items()
        if value in text or (sink.startswith("what") and leaks(value, text))
    ]


async def _everything_in(redis_url: str) -> str:
    client = redis.asyncio.Redis.from_url(redis_url, decode_responses=True)
    try:
        found = []
        async for key in client.scan_iter("offmic:*"):
            kind = await client.type(key)
            found.append(str(await client.hgetall(key) if kind == "hash" else key))
        return "\n".join(found)
    finally:
        await client.aclose()
