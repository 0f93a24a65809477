"""Measures what the guard costs a chunk and how much it holds back, beside a sentence buffer."""

from __future__ import annotations

import re
import string
import sys
import time
from random import Random
from typing import TYPE_CHECKING

from offmic.guard import Guard, Said
from tests.fakes.guarding import vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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
PATTERNS = tuple(
    map(re.compile, (r"\b(?:\d[ -]?){13,19}\b", r"\b\d{3}-\d{2}-\d{4}\b", r"\bsk-\w{20,}\b"))
)


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


def measure(count: int) -> None:
    guard = Guard(vault_of(**values(count)))
    guard.feed("")
    costs: list[float] = []
    held: list[float] = []
    fed = said = 0
    for repeat in range(20):
        for chunk in chunks(2):
            begun = time.perf_counter_ns()
            segments = guard.feed(chunk)
            costs.append((time.perf_counter_ns() - begun) / 1000)
            if repeat == 0:
                fed += len(chunk)
                said += sum(len(s.text) for s in segments if isinstance(s, Said))
                held.append(fed - said)
        guard.flush()
    p50, _, p99 = shares(costs)
    h50, h95, _ = shares(held)
    print(f"{count:6} values: p50 {p50:5.1f} us, p99 {p99:5.1f} us a chunk of four;"
          f" held back p50 {h50:.0f}, p95 {h95:.0f} characters")  # fmt: skip


def sentence_buffer() -> None:
    known = list(values(100).values())
    costs: list[float] = []
    buffer = ""
    for chunk in chunks(40):
        begun = time.perf_counter_ns()
        buffer += chunk
        if re.search(r"[.!?]\s", buffer):
            for pattern in PATTERNS:
                pattern.sub("", buffer)
            for value in known:
                buffer.replace(value, "")
            buffer = ""
        costs.append((time.perf_counter_ns() - begun) / 1000)
    p50, _, p99 = shares(costs)
    print(f"sentence buffer: p50 {p50:5.1f} us, p99 {p99:5.1f} us a chunk of four")


def worst() -> None:
    for name, unit in (("letters", "a"), ("digits", "4"), ("odd", "a1"), ("marks", "<secret>"),
                       ("spoken", "four "), ("openings", "{{")):  # fmt: skip
        for size in (100_000, 1_000_000):
            guard = Guard(vault_of(**values(100)))
            text = unit * (size // len(unit))
            begun = time.perf_counter()
            for at in range(0, len(text), 4096):
                guard.feed(text[at : at + 4096])
            guard.flush()
            print(f"{name:9} {size:9,} characters: {time.perf_counter() - begun:6.2f} s")


def main() -> int:
    for count in (0, 100, 10_000):
        measure(count)
    sentence_buffer()
    if "--worst" in sys.argv:
        worst()
    return 0


if __name__ == "__main__":
    sys.exit(main())
