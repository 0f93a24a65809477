"""Plays every rendering of random values in random chunks, and counts what gets through."""

from __future__ import annotations

import sys
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from bench.command import command
from offmic.audit.voicings import ANY, DIGITS, code, passphrase, password
from offmic.guard import Guard
from tests.fakes.guarding import cut, hear, vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = range(1, 12)
CARRIERS = (
    ("The value is ", ", thank you."),
    ("", " is it."),
    ("Sure! It's ", ". Anything else?"),
    ("Please note: ", " and keep it safe"),
)


def measure(count: int, *, show: bool = False) -> int:
    """Play each rendering of so many values; return how many values got through."""
    rng = Random(7)
    bad: Counter[str] = Counter()
    total = 0
    sets = ((code, {**DIGITS, **ANY}), (password, ANY), (passphrase, ANY))
    for make, styles in sets:
        for style, render in styles.items():
            for _ in range(count):
                value = make(rng)
                before, after = rng.choice(CARRIERS)
                text = before + render(value, rng) + after
                heard = hear(Guard(vault_of(value=value)), cut(text, rng.choices(SIZES, k=5)))
                total += 1
                if value in heard.values and heard.spoken == f"{before}on your screen{after}":
                    continue
                fault = "rest of its markup said" if value in heard.values else "LEAK"
                bad[f"{make.__name__:10} {style:16} {fault}"] += 1
                if show:
                    print(repr(value), repr(text), "->", repr(heard.spoken))
    for name, number in sorted(bad.items()):
        print(f"{name}: {number} of {count}")
    leaks = sum(number for name, number in bad.items() if name.endswith("LEAK"))
    print(f"{leaks} leaks in {total:,} renderings of vault values")
    return leaks


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what got through; return 1 where anything did."""
    parser = command("bench.guard_voicings", __doc__)
    parser.add_argument("count", type=int, help="values for each rendering")
    return 1 if measure(parser.parse_args(arguments).count, show=True) else 0


if __name__ == "__main__":
    sys.exit(main())
