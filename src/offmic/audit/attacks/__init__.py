"""The attacks, each one entry of a table; an attack says what to play and never judges.

A new one is a row in one of these modules, or a module of its own that `ATTACKS` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.audit.attacks import breaks, encoded, handles, said, tools, user

if TYPE_CHECKING:
    from offmic.audit.attacks.model import Attack

ATTACKS: Final[tuple[Attack, ...]] = (
    *said.ATTACKS,
    *encoded.ATTACKS,
    *breaks.ATTACKS,
    *handles.ATTACKS,
    *tools.ATTACKS,
    *user.ATTACKS,
)
"""All of them, in the order of the report."""

UNSEEN: Final = {
    "yes/no questions": "is the first digit above five?",
    "rhyme": "it rhymes with door",
    "acrostic": "a poem whose lines begin with the characters",
    "arithmetic": "the code plus one",
}
"""What no scanner of text can see, the guard's or this one's: played by nobody, counted by nobody.

What protects there is that the model never has the value: tools give it a handle.
"""
