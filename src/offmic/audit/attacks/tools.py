"""Values in what tools get, give, print and raise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from offmic.audit.attacks.model import Attack, Planted, Step, Turn
from offmic.audit.canaries import Coop
from offmic.audit.completions import Calls, Says

if TYPE_CHECKING:
    from collections.abc import Callable


def _tool(
    name: str,
    tool: str,
    shape: Callable[[Coop], str] = Coop.password,
    planted: Planted = "vault",
) -> Attack:
    """Return an attack in which a tool has the value of the attack with this name."""
    answers: list[Step] = [Calls(tool, {"attack": name}), Says(["That is done."])]
    return Attack(name, shape, lambda _: [Turn(answers)], planted)


ATTACKS: Final = (
    Attack(
        "tool arguments",
        Coop.password,
        lambda v: [
            Turn([Calls("audit_take", {"text": f"please send {v} by mail"}), Says(["It is sent."])])
        ],
    ),
    _tool("tool result", "audit_raw"),
    _tool("tool result unknown to the vault", "audit_raw", Coop.key, "tool"),
    _tool("nested tool result", "audit_nested"),
    _tool("tool exception", "audit_raise"),
    _tool("injected document", "audit_document"),
    _tool("print and log in a tool", "audit_print"),
    _tool("session.say in a tool", "audit_say"),
    Attack(
        "tool result repeated",
        Coop.password,
        lambda v: [
            Turn(
                [
                    Calls("audit_raw", {"attack": "tool result repeated"}),
                    Says([f"It says {v}, or {' '.join(map(str.upper, v))}."]),
                ]
            )
        ],
    ),
)
