"""References that must not resolve: made up, and of another call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.audit.attacks.model import Attack, Step, Turn
from offmic.audit.canaries import Coop
from offmic.audit.completions import Answer, Calls, Says

if TYPE_CHECKING:
    from collections.abc import Sequence

FOREIGN: Final = "a foreign handle"
"""Its value is a tool's: each call makes a secret of it, under a handle of that call's own."""


def _foreign(_: str) -> Sequence[Turn]:
    def says(handle: str) -> Answer:
        return Says(["Here it comes: ", handle, "."])

    def uses(handle: str) -> Answer:
        return Calls("audit_use", {"secret": handle})

    told: list[Step] = [uses, Says(["Done."])]
    return [Turn([says]), Turn(told)]


def _made_up(value: str) -> Sequence[Turn]:
    name = value.split("-", maxsplit=1)[0].lower()
    handle = f"{{{{secret:{name}.k7q2m9xd}}}}"
    return [
        Turn([Says(["Here it comes: ", handle[:9], handle[9:], "."])]),
        Turn([Calls("audit_use", {"secret": handle}), Says(["Done."])]),
    ]


ATTACKS: Final = (
    Attack("a made-up handle", Coop.password, _made_up, shown=False),
    Attack(FOREIGN, Coop.password, _foreign, planted="tool", shown=False),
)
