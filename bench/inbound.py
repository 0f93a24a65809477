"""Measures what the inbound guard adds to a final and an interim transcript, beside none at all."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Final

from bench.command import command
from offmic.asking import Asking
from offmic.guard import Direction, Guard
from offmic.hearing import Hearing
from offmic.secrets import Kind, Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TURNS: Final = (
    "Hello, I would like to check in, my name is Martin and I booked two nights.",
    "What is the password for the Wi-Fi in the meeting room, please?",
    "Yes, the room at the end of the corridor would be fine, thank you.",
    "My card number is four five three nine, one four double eight, oh three four three.",
    "Could you send somebody up with two more towels, when you have a moment?",
)
PASSES: Final = 200


def timed(work: Callable[[str], object]) -> tuple[float, float]:
    """Microseconds a transcript: median and 95th percentile over all turns and passes."""
    costs = []
    for _ in range(PASSES):
        for turn in TURNS:
            begun = time.perf_counter_ns()
            work(turn)
            costs.append((time.perf_counter_ns() - begun) / 1000)
    return statistics.median(costs), statistics.quantiles(costs, n=20)[-1]


def measure_all() -> None:
    vault = Vault()
    for at in range(100):
        vault.hold(f"tulip-Harbour-{at:03}", f"password {at}", Kind.PASSWORD)
    hearing = Hearing(vault, Guard(vault, Direction.IN))
    works: dict[str, Callable[[str], object]] = {
        "passed through": str,
        "final, guarded": hearing.final,
        "interim, guarded": hearing.interim,
    }
    size = round(statistics.mean(map(len, TURNS)))
    print(f"a transcript of {size} characters, 100 values in the vault:")
    for name, work in works.items():
        print("{:34} p50 {:7.1f} us, p95 {:7.1f} us".format(name, *timed(work)))
    with hearing.asking_for(Asking("card number", Kind.CARD)):
        for name, work in works.items():
            if work is not str:
                row = timed(work)
                print("{:34} p50 {:7.1f} us, p95 {:7.1f} us".format(f"{name}, asked for", *row))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the costs."""
    command("bench.inbound", __doc__).parse_args(arguments)
    measure_all()


if __name__ == "__main__":
    main()
