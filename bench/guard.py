"""Measures the guard: renderings, chunkings, rows of text, speed; run `python -m bench.guard`.

OFFMIC_CORPUS names a folder with leaky.jsonl and clean.jsonl; without it, rows are left out.
"""

from __future__ import annotations

import argparse
import sys
from random import Random

from bench import guard_corpus, guard_speed, guard_voicings
from offmic.guard import Guard
from tests.fakes.guarding import GLUE, WORDS, cut, hear, vault_of

VAULT = {"door_code": "4821", "wifi": "summer-2024", "login": "hunter2", "birthday": "1948-03-29"}


def chunkings(count: int) -> int:
    """Play random texts in random chunks beside the whole; return how many came out otherwise."""
    rng = Random(3)
    vault = vault_of(**VAULT)
    wrong = 0
    for _ in range(max(1, count // 20)):
        text = "".join(rng.choice(WORDS) + rng.choice(GLUE) for _ in range(rng.randrange(2, 14)))
        whole = hear(Guard(vault), [text])
        for _ in range(20):
            heard = hear(Guard(vault), cut(text, rng.choices(range(1, 12), k=6)))
            same = (heard.spoken, heard.diverted) == (whole.spoken, whole.diverted)
            wrong += not same
    print(f"{wrong} of {count:,} chunkings came out otherwise than the whole text")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renderings", type=int, default=200, help="values for each rendering")
    parser.add_argument("--chunkings", type=int, default=20_000, help="1,000,000 takes an hour")
    asked = parser.parse_args()
    leaks = guard_voicings.measure(asked.renderings)
    wrong = chunkings(asked.chunkings)
    guard_corpus.measure(show=False)
    guard_speed.measure_all(worst=True)
    return 1 if leaks or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
