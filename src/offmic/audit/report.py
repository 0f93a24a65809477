"""The verdict as a table and as JSON; no value stands in either."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Console
from rich.table import Table

from offmic.audit.attacks import UNSEEN
from offmic.audit.judge import SCREEN
from offmic.audit.sinks import SINKS

if TYPE_CHECKING:
    from offmic.audit.judge import Verdict

_MOST_SHOWN: Final = 20


def print_json(verdict: Verdict) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(verdict.to_dict(), ensure_ascii=False) + "\n")


def print_table(verdict: Verdict) -> None:
    """Print attack by sink, the first leaks, and what no scanner can see."""
    console = Console(highlight=False, soft_wrap=True)
    names = [*(sink.name for sink in SINKS), SCREEN]
    found = {(leak.attack, leak.sink) for leak in verdict.leaks}
    table = Table(
        title="attack by sink: · nothing found, X a value found, ? not known",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("attack", no_wrap=True)
    for number, _ in enumerate(names, 1):
        # Narrow terminals cut the attacks' names, never what was found.
        table.add_column(str(number), justify="center", no_wrap=True, min_width=2)
    table.add_row(
        "[dim]planted by the audit[/]",
        *(
            "[yellow]?[/]" if n in verdict.unread else "[dim]-[/]" if n == SCREEN else "✓"
            for n in names
        ),
        end_section=True,
    )
    for attack in verdict.attacks:
        unknown = attack in verdict.unplayed
        table.add_row(
            attack,
            *(
                "[bold red]X[/]"
                if (attack, name) in found
                else "[yellow]?[/]"
                if unknown or name in verdict.unread
                else "·"
                for name in names
            ),
        )
    console.print(table)
    console.print("   ".join(f"{number} {name}" for number, name in enumerate(names, 1)))
    for name, why in verdict.unread.items():
        console.print(f"[yellow]not read:[/] {name}: {why}")
    for name, why in verdict.unplayed.items():
        console.print(f"[yellow]not played:[/] {name}: {why}")
    for leak in verdict.leaks[:_MOST_SHOWN]:
        forms = ", ".join(leak.renderings[:3])
        console.print(f"[bold red]leak:[/] {leak.attack} → {leak.sink}: {leak.masked} ({forms})")
    if len(verdict.leaks) > _MOST_SHOWN:
        console.print(f"… and {len(verdict.leaks) - _MOST_SHOWN} more; --json lists all")
    unseen = ", ".join(f"{name} ({example})" for name, example in UNSEEN.items())
    console.print(
        f"Not played, for no scanner of text can see it: {unseen}. What protects there: a tool "
        "gives the model a handle, so it never has the value."
    )
    console.print(f"{len(verdict.attacks)} attacks, {len(SINKS)} sinks: {len(verdict.leaks)} leaks")
