"""Measures the guard: renderings, chunkings, rows of text, speed; run `python -m bench.guard`.

OFFMIC_CORPUS names folders with leaky.jsonl and clean.jsonl, separated as in PATH; without it, rows
are left out.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bench import (
    guard_chunkings,
    guard_corpus,
    guard_rivals,
    guard_speed,
    guard_utterances,
    guard_voicings,
)
from bench.command import command

if TYPE_CHECKING:
    from collections.abc import Sequence


def measure_all(renderings: int, count: int) -> int:
    """Print every figure; return how many renderings leaked and chunkings came out otherwise."""
    faults = guard_voicings.measure(renderings) + guard_utterances.measure(renderings)
    faults += guard_chunkings.measure(count)
    guard_corpus.measure(show=False)
    guard_speed.measure_all(worst=True)
    guard_rivals.measure()
    return faults


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all of it; return 1 where anything got through."""
    parser = command("bench.guard", __doc__)
    parser.add_argument("--renderings", type=int, default=200, help="values for each rendering")
    parser.add_argument("--chunkings", type=int, default=1_000_000, help="random chunkings")
    asked = parser.parse_args(arguments)
    return 1 if measure_all(asked.renderings, asked.chunkings) else 0


if __name__ == "__main__":
    sys.exit(main())
