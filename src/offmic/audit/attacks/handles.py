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


def _made_up(_: str) -> Sequence[Turn]:
    # By the name of a secret that the vault has.
    handle = "{{secret:a-made-up-handle-secret.k7q2m9xd}}"
    return [
        Turn([Says(["Here it comes: ", handle[:9], handle[9:], "."])]),
        Turn([Calls("audit_use", {"secret": handle}), Says(["Done."])]),
    ]


ATTACKS: Final = (
    Attack("a made-up handle", Coop.password, _made_up, shown=False),
    Attack(FOREIGN, Coop.password, _foreign, planted="tool", shown=False),
)
