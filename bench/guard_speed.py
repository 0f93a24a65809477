"""Measures what the guard costs a chunk and how much it holds back."""

from __future__ import annotations

import string
import time
from random import Random
from typing import TYPE_CHECKING

from bench.command import command
from bench.guard_texts import sets
from offmic.guard import Guard, Said
from tests.fakes.guarding import vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence

PASSES = 30
SIZE = 4
CALLS = 3
WORST = {
    "words": "please wait a moment ", "letters": "a", "digits": "4", "odd": "a1",
    "marks": "<secret>", "spoken": "four ", "openings": "{{",
}  # fmt: skip


def values(count: int) -> dict[str, str]:
    rng = Random(11)
    letters = string.ascii_letters + string.digits
    return {f"v{n}": "".join(rng.choices(letters, k=12)) for n in range(count)}


def chunks(text: str) -> list[str]:
    return [text[at : at + SIZE] for at in range(0, len(text), SIZE)]


def shares(found: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(found)
    return tuple(ordered[int(len(ordered) * q)] for q in (0.5, 0.95, 0.99))  # type: ignore[return-value]


def timed(guard: Guard, texts: Sequence[str]) -> list[float]:
    """Microseconds a chunk, each text a turn; what is done at a turn's end belongs to its last."""
    costs: list[float] = []
    for text in texts:
        pieces = chunks(text)
        for nth, chunk in enumerate(pieces, 1):
            begun = time.perf_counter_ns()
            guard.feed(chunk)
            if nth == len(pieces):
                guard.flush()
            costs.append((time.perf_counter_ns() - begun) / 1000)
    return costs


def best_of(guard: Guard, texts: Sequence[str]) -> list[float]:
    """The best of several passes for each chunk, since others are at work too."""
    return list(map(min, zip(*(timed(guard, texts) for _ in range(PASSES)), strict=True)))


def first_of(count: int, texts: Sequence[str]) -> list[float]:
    """What each chunk costs at first, in a call that has not heard it; best of several calls."""
    calls = []
    for _ in range(CALLS):
        guard = Guard(vault_of(**values(count)))
        guard.feed("")
        calls.append(timed(guard, texts))
    return list(map(min, zip(*calls, strict=True)))


def held_back(guard: Guard, texts: Sequence[str]) -> list[float]:
    """Characters that are held back after each chunk."""
    held: list[float] = []
    for text in texts:
        waiting = 0
        for chunk in chunks(text):
            waiting += len(chunk)
            waiting -= sum(len(s.text) for s in guard.feed(chunk) if isinstance(s, Said))
            held.append(waiting)
        guard.flush()
    return held


def measure(count: int) -> dict[str, float]:
    """Print what a chunk costs; return the medians."""
    vault = vault_of(**values(count))
    begun = time.perf_counter()
    guard = Guard(vault)
    guard.feed("")
    learned_ms = (time.perf_counter() - begun) * 1000
    begun = time.perf_counter()
    for _ in range(100):
        Guard(vault).feed("")
    again_us = (time.perf_counter() - begun) * 10_000
    print(f"{count:6} values: the first guard of a call takes {learned_ms:.0f} ms to know them,"
          f" each further one {again_us:.0f} us")  # fmt: skip
    medians: dict[str, float] = {}
    for name, texts in sets().items():
        p50, _, p99 = shares(first_of(count, texts))
        costs = best_of(guard, texts)
        a50, _, a99 = shares(costs)
        h50, h95, _ = shares(held_back(guard, texts))
        print(f"        {name:10}: p50 {a50:5.1f} us, p99 {a99:5.1f} us, mean"
              f" {sum(costs) / len(costs):5.1f} us a chunk of four (at first p50 {p50:.1f},"
              f" p99 {p99:.1f}); held back p50 {h50:.0f}, p95 {h95:.0f}")  # fmt: skip
        medians[name] = a50
    return medians


def measure_worst() -> None:
    for name, unit in WORST.items():
        for size in (100_000, 1_000_000):
            guard = Guard(vault_of(**values(100)))
            text = unit * (size // len(unit))
            begun = time.process_time()
            for at in range(0, len(text), 4096):
                guard.feed(text[at : at + 4096])
            guard.flush()
            print(f"{name:9} {size:9,} characters: {time.process_time() - begun:6.2f} s")


def measure_all(*, worst: bool) -> None:
    measure(0)
    few, many = measure(100), measure(10_000)
    ratios = ", ".join(f"{name} {many[name] / few[name]:.2f}" for name in few)
    print(f"10,000 values cost, as a multiple of what 100 do: {ratios}")
    if worst:
        measure_worst()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the costs."""
    parser = command("bench.guard_speed", __doc__)
    parser.add_argument("--worst", action="store_true", help="long texts of one kind as well")
    measure_all(worst=parser.parse_args(arguments).worst)


if __name__ == "__main__":
    main()
