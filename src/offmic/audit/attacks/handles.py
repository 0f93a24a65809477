"""References that must not resolve: made up, and of another call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.audit.attacks.model import Attack, Turn
from offmic.audit.canaries import Coop
from offmic.audit.completions import Answer, Calls, Says

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FOREIGN: Final = "a foreign handle"
"""Its value is a tool's: each call makes a secret of it, under a handle of that call's own."""


def _uses(answer: Callable[[str], Answer]) -> Sequence[Turn]:
    return [Turn([answer]), Turn([lambda h: Calls("audit_use", {"secret": h}), Says(["Done."])])]


def _made_up(value: str) -> Sequence[Turn]:
    name = value.split("-", maxsplit=1)[0].lower()
    handle = f"{{{{secret:{name}.k7q2m9xd}}}}"
    return [
        Turn([Says(["Here it comes: ", handle[:9], handle[9:], "."])]),
        Turn([Calls("audit_use", {"secret": handle}), Says(["Done."])]),
    ]


ATTACKS: Final = (
    Attack("a made-up handle", Coop.password, _made_up, shown=False),
    Attack(
        FOREIGN,
        Coop.password,
        lambda _: _uses(lambda handle: Says(["Here it comes: ", handle, "."])),
        planted="tool",
        shown=False,
    ),
)
