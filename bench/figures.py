"""Figures and how they are printed; a figure must never be printed without what it is."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Args:
        name: what was measured.
        value: with its unit.
        how: from what to what, and how often.
    """

    name: str
    value: str
    how: str


def of_times(name: str, times_s: Sequence[float], how: str) -> Figure:
    """Return median and worst of some times.

    Args:
        name: what was measured.
        times_s: at least one, in seconds.
        how: from what to what.
    """
    median, worst = statistics.median(times_s), max(times_s)
    value = f"median {median * 1000:.0f} ms, worst {worst * 1000:.0f} ms"
    return Figure(name, value, f"{how}; {len(times_s)} times")


def of_many_times(name: str, times_s: Sequence[float], how: str) -> Figure:
    """Return median and 95th percentile of many times, with their tenths.

    Args:
        name: what was measured.
        times_s: at least twenty, in seconds.
        how: from what to what.
    """
    median, p95 = statistics.median(times_s), statistics.quantiles(times_s, n=20)[-1]
    value = f"median {median * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms"
    return Figure(name, value, f"{how}; {len(times_s)} times")


def of_bytes(name: str, size: int, how: str) -> Figure:
    """Return a size in megabytes of 10^6 bytes."""
    return Figure(name, f"{size / 1e6:.0f} MB", how)


def print_table(figures: Iterable[Figure]) -> None:
    """Print the figures as a Markdown table."""
    print("| figure | value | what it is |")
    print("| --- | --- | --- |")
    for figure in figures:
        print(f"| {figure.name} | {figure.value} | {figure.how} |")
