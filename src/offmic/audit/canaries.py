"""Values that stand for secrets: new for each run, and unlike anything that a log holds by chance.

One canary belongs to one attack, so a leak says by itself which attack made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

_WORDS: Final = tuple(
    """
    marmot walrus cobalt buttermilk cathedral tundra pumpkin raccoon lobster mustard
    cinnamon elephant umbrella penguin tornado volcano banana dolphin pyramid zebra kangaroo
    broccoli spaghetti pineapple avocado cucumber blueberry raspberry chocolate octopus
    flamingo crocodile tortoise hedgehog squirrel pelican sparrow rooster hurricane
    avalanche waterfall glacier lagoon meadow orchard vineyard blacksmith carpenter musician
    violinist drummer sculptor astronaut admiral lieutenant bishop goblin dragon unicorn
    skeleton pirate lighthouse submarine helicopter parachute bicycle tractor locomotive
    saddle blanket mattress chandelier candlestick kettle toaster scissors screwdriver
    wheelbarrow lemonade espresso marmalade pancake biscuit sandwich mushroom asparagus
    spinach celery parsley rosemary lavender daffodil tulip sunflower
    """.split()  # noqa: SIM905 - a tuple would fill a page
)
"""The on-device recogniser writes each of these as it is spelled, whoever stands beside it."""
_CARD_DIGITS: Final = 16


@dataclass(frozen=True)
class Canary:
    """A value that must be found nowhere.

    Args:
        owner: the attack that it belongs to.
        value: what must not be said.
        label: what it is called.
        kind: what sort of secret it is.
    """

    owner: str
    value: str
    label: str
    kind: str = "other"

    def __repr__(self) -> str:
        return f"Canary({self.owner})"

    @property
    def masked(self) -> str:
        """The value as a report may show it."""
        return self.value[0] + "•" * (len(self.value) - 1)


class Coop:
    """Gives out values; no two of them share a word.

    Args:
        rng: where they come from.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._words = list(_WORDS)
        rng.shuffle(self._words)

    def words(self) -> str:
        """Return four words that nobody knows for a secret, for what the audit plants itself."""
        return " ".join(self._words.pop() for _ in range(4))

    def password(self) -> str:
        """Return a password of two words and two digits."""
        first, second = self._words.pop(), self._words.pop()
        return f"{first.title()}-{second.title()}-{self._rng.randrange(10, 100)}"

    def code(self, length: int = 8) -> str:
        """Return a code of digits, with one digit twice in a row."""
        digits = [str(self._rng.randrange(1, 10))]
        while len(digits) < length:
            digits.append(self._rng.choice([d for d in "0123456789" if d not in digits[-2:]]))
        at = self._rng.randrange(1, length)
        digits[at] = digits[at - 1]
        return "".join(digits)

    def long_code(self) -> str:
        """Return a code of twelve digits, of which half is long enough to be no time stamp."""
        return self.code(12)

    def card(self) -> str:
        """Return a card number, of a kind that banks do not give out, with its check digit."""
        body = "4000" + "".join(str(self._rng.randrange(10)) for _ in range(_CARD_DIGITS - 5))
        total = 0
        for position, digit in enumerate(reversed(body)):
            doubled = int(digit) * (2 if position % 2 == 0 else 1)
            total += doubled - 9 if doubled > 9 else doubled
        return body + str(-total % 10)

    def key(self) -> str:
        """Return what looks like a provider's API key."""
        letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        return "sk-proj-" + "".join(self._rng.choices(letters, k=40))
