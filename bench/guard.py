"""Measures the guard: renderings, chunkings, rows of text, speed; run `python -m bench.guard`.

OFFMIC_CORPUS names folders with leaky.jsonl and clean.jsonl, separated as in PATH; without it, rows
are left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from random import Random

from bench import guard_corpus, guard_rivals, guard_speed, guard_utterances, guard_voicings
from offmic.guard import Guard
from tests.fakes.guarding import GLUE, WORDS, cut, hear, vault_of

VAULT = {"door_code": "4821", "wifi": "summer-2024", "login": "hunter2", "birthday": "1948-03-29"}


def chunkings(count: int, most_s: float) -> int:
    """Play random texts in random chunks beside the whole; return how many came out otherwise.

    It ends after so many chunkings or seconds, whichever comes first, and says how many ran.
    """
    rng = Random(3)
    vault = vault_of(**VAULT)
    wrong = ran = 0
    begun = time.monotonic()
    while ran < count and time.monotonic() - begun < most_s:
        text = "".join(rng.choice(WORDS) + rng.choice(GLUE) for _ in range(rng.randrange(2, 14)))
        whole = hear(Guard(vault), [text])
        for _ in range(20):
            heard = hear(Guard(vault), cut(text, rng.choices(range(1, 12), k=6)))
            same = (heard.spoken, heard.diverted) == (whole.spoken, whole.diverted)
            wrong += not same
            ran += 1
    taken_s = time.monotonic() - begun
    print(f"{wrong} of {ran:,} chunkings came out otherwise than the whole text ({taken_s:.0f} s)")
    return wrong


def measure_all(renderings: int, count: int, most_s: float) -> int:
    """Print every figure; return how many renderings leaked and chunkings came out otherwise."""
    faults = guard_voicings.measure(renderings) + guard_utterances.measure(renderings)
    faults += chunkings(count, most_s)
    guard_corpus.measure(show=False)
    guard_speed.measure_all(worst=True)
    guard_rivals.measure()
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renderings", type=int, default=200, help="values for each rendering")
    parser.add_argument("--chunkings", type=int, default=1_000_000, help="random chunkings")
    parser.add_argument("--seconds", type=float, default=180, help="no longer than this for them")
    asked = parser.parse_args()
    return 1 if measure_all(asked.renderings, asked.chunkings, asked.seconds) else 0


if __name__ == "__main__":
    sys.exit(main())
