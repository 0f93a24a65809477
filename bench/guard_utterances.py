"""Plays every utterance of random values in random chunks, as a second opinion on the guard."""

from __future__ import annotations

import sys
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from bench.command import command
from offmic.guard import Guard
from tests.fakes.guarding import cut, hear, vault_of
from tests.fakes.utterances import CHARACTERS, DATES, NUMBERS, PIECES, birthday, code, password

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.fakes.utterances import Utterance

    Sets = Sequence[tuple[Callable[[Random], str], dict[str, Utterance]]]

WHOLE = ((code, NUMBERS | CHARACTERS), (password, CHARACTERS), (birthday, DATES))
IN_PIECES = ((code, PIECES), (password, PIECES))
CARRIERS = (("The value is ", "."), ("", ", as I said."), ("Let me see: ", " and that's it."))


class Leak(NamedTuple):
    style: str
    value: str
    turns: list[str]
    spoken: str


def leaks(style: str, value: str, turns: list[str], rng: Random) -> Leak | None:
    """Play the turns of one utterance; return what got through, if anything did."""
    guard = Guard(vault_of(it=value))
    before, after = rng.choice(CARRIERS)
    played = [before + turn + after for turn in turns] if len(turns) == 1 else turns
    heard = [hear(guard, cut(turn, rng.choices(range(1, 13), k=5))) for turn in played]
    spoken = " | ".join(h.spoken for h in heard)
    diverted = [v for h in heard for v in h.values]
    size = max(4, (len(value) + 1) // 2)
    halves = {value[at : at + size].lower() for at in range(max(1, len(value) - size + 1))}
    told = any(half in spoken.lower() for half in halves)
    return Leak(style, value, played, spoken) if told or value not in diverted else None


def play(sets: Sets, count: int, seed: int = 29) -> Iterator[tuple[str, Leak | None]]:
    """Play so many values in each style."""
    rng = Random(seed)
    for make, styles in sets:
        for style, put in styles.items():
            for _ in range(count):
                value = make(rng)
                yield f"{make.__name__}: {style}", leaks(style, value, put(value, rng), rng)


def measure(count: int, *, show: bool = False) -> int:
    """Print what got through, by style; return how many values did."""
    leaked = 0
    for name, sets in (("whole", WHOLE), ("in pieces", IN_PIECES)):
        bad: Counter[str] = Counter()
        total = 0
        for style, leak in play(sets, count):
            total += 1
            if leak is not None:
                bad[style] += 1
                if show:
                    print(leak)
        for style, number in sorted(bad.items()):
            print(f"{style}: {number} of {count}")
        print(f"{bad.total()} leaks in {total:,} utterances of values {name} (second opinion)")
        leaked += bad.total()
    return leaked


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what got through; return 1 where anything did."""
    parser = command("bench.guard_utterances", __doc__)
    parser.add_argument("count", type=int, help="values for each style")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    asked = parser.parse_args(arguments)
    return 1 if measure(asked.count, show=asked.show) else 0


if __name__ == "__main__":
    sys.exit(main())
