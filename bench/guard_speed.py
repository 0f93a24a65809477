"""Measures what the guard costs a chunk and how much it holds back."""

from __future__ import annotations

import string
import sys
import time
from random import Random
from typing import TYPE_CHECKING

from offmic.guard import Guard, Said
from tests.fakes.guarding import vault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SENTENCES = (
    "Good morning, thank you for calling, how can I help you today?",
    "Let me see what I can find for you, one moment please.",
    "I would be happy to help you with that, is there anything else?",
    "The restaurant on the corner has a lovely view over the river.",
    "Your room is ready, and breakfast is served until ten in the morning.",
    "Please hold the line while I look that up for you.",
    "There is a bus to the airport every half hour from the main station.",
    "I am sorry to hear that, let me talk to my colleague about it.",
    "You will find the gym next to the pool, on the other side of the garden.",
    "We look forward to seeing you again soon, have a great day!",
)

PASSES = 30


def values(count: int) -> dict[str, str]:
    rng = Random(11)
    letters = string.ascii_letters + string.digits
    return {f"v{n}": "".join(rng.choices(letters, k=12)) for n in range(count)}


def chunks(repeat: int) -> list[str]:
    text = " ".join(SENTENCES * repeat)
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def shares(found: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(found)
    return tuple(ordered[int(len(ordered) * q)] for q in (0.5, 0.95, 0.99))  # type: ignore[return-value]


def timed(feed: Callable[[str], object], end: Callable[[], object]) -> list[float]:
    """Microseconds a chunk: the best of several passes, since others are at work too."""
    best = [float("inf")] * len(chunks(1))
    for _ in range(PASSES):
        for at, chunk in enumerate(chunks(1)):
            begun = time.perf_counter_ns()
            feed(chunk)
            best[at] = min(best[at], (time.perf_counter_ns() - begun) / 1000)
        end()
    return best


def measure(count: int) -> float:
    guard = Guard(vault_of(**values(count)))
    guard.feed("")
    costs = timed(guard.feed, guard.flush)
    held: list[float] = []
    fed = said = 0
    for chunk in chunks(1):
        fed += len(chunk)
        said += sum(len(s.text) for s in guard.feed(chunk) if isinstance(s, Said))
        held.append(fed - said)
    guard.flush()
    p50, _, p99 = shares(costs)
    h50, h95, _ = shares(held)
    print(f"{count:6} values: p50 {p50:5.1f} us, p99 {p99:5.1f} us a chunk of four;"
          f" held back p50 {h50:.0f}, p95 {h95:.0f} characters")  # fmt: skip
    return p50


def measure_worst() -> None:
    for name, unit in (("letters", "a"), ("digits", "4"), ("odd", "a1"), ("marks", "<secret>"),
                       ("spoken", "four "), ("openings", "{{")):  # fmt: skip
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
    print(f"10,000 values cost {many / few:.2f} times what 100 do")
    if worst:
        measure_worst()


if __name__ == "__main__":
    measure_all(worst="--worst" in sys.argv)
