"""Plays random texts in random chunks beside the whole; run `python -m bench.guard_chunkings N`.

All cores work at it, each with texts of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from bench.command import command
from offmic.guard import Guard
from tests.fakes.guarding import GLUE, WORDS, cut, hear, vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence

VAULT = {"door_code": "4821", "wifi": "summer-2024", "login": "hunter2", "birthday": "1948-03-29"}
PLAIN = tuple(
    """let me see what there is for you at the desk next half first use one moment please it's your
    room ready on this floor good thanks that's all""".split()  # noqa: SIM905 - a list fills lines
)
OF_EACH = 20
SHARE = 20_000


class Share(NamedTuple):
    """One part of the work: how many chunkings, and the seed of its texts."""

    chunkings: int
    seed: int


def text_of(rng: Random) -> str:
    words = (WORDS, WORDS, PLAIN)[rng.randrange(3)], WORDS
    size = rng.randrange(2, 9)
    return "".join(rng.choice(words[n % 2]) + rng.choice(GLUE) for n in range(size))


def play(share: Share) -> list[str]:
    """Return the texts that came out otherwise in some chunking."""
    rng = Random(share.seed)
    vault = vault_of(**VAULT)
    wrong: list[str] = []
    for _ in range(share.chunkings // OF_EACH):
        text = text_of(rng)
        whole = hear(Guard(vault), [text])
        for _ in range(OF_EACH):
            heard = hear(Guard(vault), cut(text, rng.choices(range(1, 12), k=6)))
            if (heard.spoken, heard.diverted) != (whole.spoken, whole.diverted):
                wrong.append(text)
    return wrong


def measure(count: int, *, seed: int = 3) -> int:
    """Play so many chunkings; return how many came out otherwise than the whole text."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    begun = time.monotonic()
    shares = [Share(min(SHARE, count - at), seed + at) for at in range(0, count, SHARE)]
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        wrong = [text for texts in pool.imap_unordered(play, shares) for text in texts]
    for text in sorted(set(wrong))[:5]:
        print(f"otherwise in some chunks: {text!r}")
    taken_s = time.monotonic() - begun
    print(f"{len(wrong)} of {count:,} chunkings came out otherwise than the whole text"
          f" ({taken_s:.0f} s on {cores} cores)")  # fmt: skip
    return len(wrong)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the number that came out otherwise; return 1 where any did."""
    parser = command("bench.guard_chunkings", __doc__)
    parser.add_argument("count", type=int, help="random chunkings")
    return 1 if measure(parser.parse_args(arguments).count) else 0


if __name__ == "__main__":
    sys.exit(main())
