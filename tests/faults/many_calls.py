"""Many light calls in one fleet: each asks now and then, and waits in between.

Some speak; the others type, and have no microphone that would cost the agents anything meanwhile.
What each caller saw is kept and counted; nothing is judged here.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import statistics
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.fakes.desk import LABELS
from tests.fakes.fleet import patient_visitor
from tests.faults.fleet_run import KEPT, SEED, look_into_sinks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.fakes.fleet import Fleet, PatientVisitor
    from tests.fakes.sfu import Sfu

_QUESTIONS: Final = (
    ("wifi-password", "What is the Wi-Fi password?"),
    ("door-code", "What is the door code?"),
    ("magic-word", "What is the magic word?"),
)
_JOIN_S: Final = 60.0
_ANSWER_S: Final = 30.0
_TURNS_S: Final = 1.0
"""Between two questions of different callers: two cores carry no ten voices at once."""
_ROOM: Final = re.compile(r"received job request.*?\"room\": \"(call-\d+)\"")


@dataclass
class Report:
    """What all calls came to.

    Args:
        name: of the run.
        seed: of the order in which was asked.
        calls: how many.
        asked: how many questions.
        unanswered: questions after which the secret asked for was not shown.
        cut: calls without an agent, or that were taken from one to another without a word.
        handed_over: how often each call went to another agent.
        gaps_s: from an agent's leaving to the next one's word, in seconds.
        agents: the most that were in one room at the end.
        voices: the most agents that spoke at once in one room.
        crossed: secrets that came to a caller who had not asked for them.
        leaked: renderings of values found in a sink.
        spread: calls of each worker.
        history: each caller's events.
    """

    name: str
    seed: int
    calls: int
    asked: int = 0
    unanswered: int = 0
    cut: int = 0
    handed_over: list[int] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)
    agents: int = 0
    voices: int = 0
    crossed: int = 0
    leaked: list[str] = field(default_factory=list)
    spread: dict[str, int] = field(default_factory=dict)
    history: list[list[dict[str, Any]]] = field(default_factory=list)

    def keep(self) -> None:
        """Write it down and print its line."""
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{self.name}-{self.seed}.json").write_text(json.dumps(asdict(self), indent=1))
        gap = f"{statistics.median(self.gaps_s):.1f} s" if self.gaps_s else "-"
        longest = f"{max(self.gaps_s):.1f} s" if self.gaps_s else "-"
        print(  # noqa: T201 - the figures are what this is run for
            f"\n{self.name} (seed {self.seed}): {self.calls} calls, {self.cut} cut, handed over "
            f"{dict(Counter(self.handed_over))}, next word median {gap}, longest {longest}, "
            f"agents {self.agents}, voices at once {self.voices}, questions {self.asked}, secrets "
            f"unaccounted for {self.unanswered}, values in a sink {len(self.leaked)}, "
            f"cross-deliveries {self.crossed}, spread {self.spread}"
        )


class Calls:
    """Calls that are all under way at once.

    Args:
        fleet: what runs.
        visitors: one a room.
        speaking: how many of them speak.
    """

    def __init__(self, fleet: Fleet, visitors: Sequence[PatientVisitor], speaking: int) -> None:
        self.fleet = fleet
        self._speaking = speaking
        self.visitors = visitors
        self._asked: list[list[str]] = [[] for _ in visitors]
        self._unanswered = 0
        self._chance = random.Random(f"calls {SEED}")

    async def ask_each(self) -> None:
        """Let each caller ask for a secret of their own choice, one after another."""
        order = list(range(len(self.visitors)))
        self._chance.shuffle(order)
        asking = []
        for number in order:
            asking.append(asyncio.create_task(self._ask(number)))
            await asyncio.sleep(_TURNS_S)
        self._unanswered += (await asyncio.gather(*asking)).count(False)

    async def report(self, name: str) -> Report:
        """Count, keep and return what was seen.

        Args:
            name: of the run.
        """
        report = Report(name, SEED, len(self.visitors))
        report.asked = sum(map(len, self._asked))
        report.unanswered = self._unanswered
        for visitor, asked in zip(self.visitors, self._asked, strict=True):
            events = visitor.caller.events
            left = [event for event in events if event["event"] == "left"]
            told = sum("colleague" in text for _, text in visitor.caller.transcripts)
            report.handed_over.append(len(left))
            report.cut += told < len(left) or not visitor.agents
            report.gaps_s += [_gap_s(events, event) for event in left]
            report.agents = max(report.agents, len(visitor.agents))
            report.voices = max(report.voices, _voices(events))
            report.crossed += sum(label not in asked for label, _ in visitor.shown)
            report.history.append([{**event, "value": ""} for event in events])
        report.leaked = await look_into_sinks(self.fleet, self.visitors)
        report.spread = self._spread()
        report.keep()
        return report

    async def _ask(self, number: int) -> bool:
        name, question = self._chance.choice(_QUESTIONS)
        self._asked[number].append(LABELS[name])
        visitor = self.visitors[number]
        before = len(visitor.shown)
        if number < self._speaking:
            await visitor.say(question)
        else:
            await visitor.caller.type(question)

        def is_shown() -> bool:
            return LABELS[name] in [label for label, _ in visitor.shown[before:]]

        with suppress(TimeoutError):
            await visitor.caller.wait_for(is_shown, _ANSWER_S)
            await visitor.caller.wait_until_idle(_ANSWER_S)
        return is_shown()

    def _spread(self) -> dict[str, int]:
        workers = self.fleet.workers
        return {f"worker {n}": len(set(_ROOM.findall(w.output))) for n, w in enumerate(workers)}


@asynccontextmanager
async def many_calls(
    fleet: Fleet, count: int, nodes: Sequence[Sfu], speaking: int
) -> AsyncIterator[Calls]:
    """Make calls; each agent has greeted.

    Args:
        fleet: what runs.
        count: how many.
        nodes: of the SFU, to which the callers go in turn.
        speaking: how many of the callers speak.
    """
    async with AsyncExitStack() as stack:
        visitors: list[PatientVisitor] = []
        for number in range(count):
            node = nodes[number % len(nodes)]
            visitor = await stack.enter_async_context(
                patient_visitor(
                    node, f"call-{number}", f"caller-{number}", speaks=number < speaking
                )
            )
            await visitor.caller.wait_for_agent(_JOIN_S)
            visitors.append(visitor)
        await asyncio.gather(*(visitor.greeted() for visitor in visitors))
        yield Calls(fleet, visitors, speaking)


def _gap_s(events: Sequence[dict[str, Any]], left: dict[str, Any]) -> float:
    # The next one may have begun to speak before the old one was seen to go.
    words = [
        event["t"]
        for event in events
        if event["event"] == "agent" and event["does"] == "speaking" and event["who"] != left["who"]
    ]
    later = [t for t in words if t > left["t"] - 2.0]
    return max(later[0] - left["t"], 0.0) if later else float("inf")


def _voices(events: Sequence[dict[str, Any]]) -> int:
    speaking: set[str] = set()
    most = 0
    for event in events:
        if event["event"] == "agent":
            (speaking.add if event["does"] == "speaking" else speaking.discard)(event["who"])
        elif event["event"] == "left":
            speaking.discard(event["who"])
        most = max(most, len(speaking))
    return most
