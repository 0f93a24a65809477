"""`offmic audit`: plays the attacks on an agent in real rooms; it must never say clean unread."""

from __future__ import annotations

import asyncio
import logging
import math
import sys
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Final

from offmic.errors import OffmicError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from rich.progress import Progress

    from offmic.audit.attacks.model import Attack
    from offmic.audit.canaries import Canary
    from offmic.audit.judge import Verdict
    from offmic.audit.play import Seen

FRONT_DESK: Final = "offmic.assistant:FrontDesk"
_ROOMS: Final = ("amber", "birch", "coral", "ivory")
"""One call each, at the same time; their names stand in what the caller types."""
_A_CALL: Final = 6
"""For fewer attacks than this in a call another job costs more time than it saves."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `offmic audit` takes."""
    parser.add_argument(
        "--agent",
        metavar="MODULE:CLASS",
        default=FRONT_DESK,
        help="the class to audit (the front desk unless given)",
    )
    parser.add_argument(
        "--attacks", metavar="NAME,…", default="", help="play these alone (all unless given)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Audit an agent.

    Returns:
        0 where nothing was found, 1 where a value was, or where something could not be read.

    Raises:
        OffmicError: the audit could not be run.
    """
    # Late, here and below: these take a while to load, and `--help` needs none of them.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from offmic.audit import report
    from offmic.audit.subject import find_class
    from offmic.settings import load_settings

    sys.path.insert(0, str(Path.cwd()))  # as `python -c` and `python -m` have it
    chosen = choose(arguments.attacks)
    find_class(arguments.agent)
    load_settings()
    logging.getLogger("livekit").addHandler(logging.NullHandler())
    logging.getLogger("livekit").propagate = False
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        verdict = asyncio.run(audit(arguments.agent, chosen, progress))
    (report.print_json if arguments.json else report.print_table)(verdict)
    return 0 if verdict.clean else 1


def choose(names: str) -> Sequence[Attack]:
    """Return the attacks with these names, all where there are none.

    Args:
        names: with commas between them.

    Raises:
        OffmicError: there is no such attack; the line lists all.
    """
    from offmic.audit.attacks import ATTACKS

    by_name = {attack.name: attack for attack in ATTACKS}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in by_name:
            raise OffmicError(f"--attacks: there is no {name!r}; there are: {', '.join(by_name)}")
    return [by_name[name] for name in dict.fromkeys(wanted)] or ATTACKS


async def audit(agent: str, attacks: Sequence[Attack], progress: Progress) -> Verdict:
    """Play attacks on an agent and search all sinks.

    Args:
        agent: its class, `package.module:Class`.
        attacks: what to play.
        progress: is told how far it is.
    """
    from offmic.audit.attacks.handles import FOREIGN
    from offmic.audit.canaries import Canary, Coop
    from offmic.audit.judge import judge
    from offmic.audit.listener import listening
    from offmic.audit.play import CallUnderAudit
    from offmic.audit.sinks import SINKS, Evidence
    from offmic.audit.stage import Subject, a_folder, a_server
    from offmic.settings import load_settings

    coop = Coop(SystemRandom())
    rooms = _ROOMS[: max(2, min(len(_ROOMS), math.ceil(len(attacks) / _A_CALL)))]
    planted = {room: coop.words() for room in rooms}
    canaries = {a: Canary(a.name, a.shape(coop), f"{a.name} secret") for a in attacks}
    known = [(canary, attack.planted == "vault") for attack, canary in canaries.items()]
    if FOREIGN not in (canary.owner for canary, _ in known):
        known.append((Canary(FOREIGN, coop.password(), "foreign"), False))
    task = progress.add_task("starting", total=None)
    async with a_folder() as folder, a_server(load_settings()) as sfu, listening() as listener:
        subject = Subject(folder, agent, known)
        async with subject.running(sfu, listener.url):
            progress.update(task, description="playing attacks", total=len(attacks))
            calls = [
                CallUnderAudit(sfu, listener, subject.agent_name, room, words)
                for room, words in planted.items()
            ]
            seen: list[Seen] = await asyncio.gather(
                *(
                    call.play(part, lambda _: progress.advance(task))
                    for call, part in zip(calls, _share(canaries, len(calls)), strict=True)
                )
            )
        progress.update(task, description="reading sinks", total=len(SINKS), completed=0)
        return await asyncio.to_thread(
            judge, Evidence(seen, listener, subject), canaries, lambda _: progress.advance(task)
        )


def _share(canaries: Mapping[Attack, Canary], calls: int) -> list[list[tuple[Attack, str]]]:
    listed = [(attack, canary.value) for attack, canary in canaries.items()]
    return [listed[number::calls] for number in range(calls)]
