"""Plays every rendering of random values in random chunks, and counts what gets through."""

from __future__ import annotations

import sys
from collections import Counter
from random import Random

from offmic.guard import Guard
from tests.fakes.guarding import cut, hear, vault_of
from tests.fakes.voicings import ANY, DIGITS, code, passphrase, password

CARRIERS = (
    ("The value is ", ", thank you."),
    ("", " is it."),
    ("Sure! It's ", ". Anything else?"),
    ("Please note: ", " and keep it safe"),
)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rng = Random(7)
    bad: Counter[str] = Counter()
    leaks = total = 0
    sets = ((code, {**DIGITS, **ANY}), (password, ANY), (passphrase, ANY))
    for make, styles in sets:
        for style, render in styles.items():
            for _ in range(count):
                value = make(rng)
                before, after = rng.choice(CARRIERS)
                said = render(value, rng)
                sizes = rng.choices(range(1, 12), k=5)
                heard = hear(Guard(vault_of(value=value)), cut(before + said + after, sizes))
                total += 1
                if value in heard.values and heard.spoken == f"{before}on your screen{after}":
                    continue
                leak = value not in heard.values
                leaks += leak
                bad[f"{make.__name__:10} {style:16} {'LEAK' if leak else 'untidy'}"] += 1
                if bad[f"{make.__name__:10} {style:16} {'LEAK' if leak else 'untidy'}"] <= 2:
                    print(repr(value), repr(before + said + after), "->", repr(heard.spoken))
    for name, number in sorted(bad.items()):
        print(f"{name} {number} of {count}")
    print(f"{leaks} leaks in {total}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
