"""Every place of the project that asks a `Secret` for its value is listed here, with its reason."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tests.fakes.worker import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES: Final = {
    # It is sent to, or shown to, the one person it is for.
    ("delivery/channel.py", "RoomChannel._send_sealed", "reveal"),
    ("delivery/channel.py", "RoomChannel._send_plain", "reveal"),
    ("console.py", "show", "reveal"),
    # The vault compares values, and tells the guard what to look for.
    ("secrets/vault.py", "Vault.adopt", "reveal"),
    ("secrets/vault.py", "Vault.drop", "reveal"),
    ("secrets/vault.py", "Vault.keep", "reveal"),
    ("secrets/vault.py", "Vault.forget", "reveal"),
    ("secrets/vault.py", "_entry", "reveal"),
    # Two secrets are compared: within a turn, one value is one delivery.
    ("call.py", "Call.deliver", "reveal"),
    ("call.py", "Call.is_sent", "reveal"),
    # A value leaves the vault with its last delivery.
    ("retention.py", "Retention.note", "reveal"),
    # The audit gives a tool a canary to use.
    ("audit/probes.py", "Probes.audit_use", "reveal"),
    # The digits of an answer so far are compared with what they were.
    ("hearing.py", "Hearing._hold_answer", "reveal"),
    # A secret of another call becomes one of this call.
    ("tool_guard.py", "_own", "reveal"),
    # A card is checked and charged.
    ("payment.py", "TakeCard.on_enter", "reveal"),
    ("payment.py", "TakeCard._ask", "reveal"),
    ("payment.py", "charge", "reveal"),
    # The secret itself.
    ("secrets/secret.py", "Secret", "_sealed"),
    ("secrets/secret.py", "Secret.__new__", "_sealed"),
    ("secrets/secret.py", "Secret.reveal", "_sealed"),
}


def _places(node: ast.AST, within: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        name = within
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{within}.{child.name}".lstrip(".")
        # Named, not only called: it could be called under another name.
        if isinstance(child, ast.Attribute) and child.attr in {"reveal", "_sealed"}:
            yield child.attr, within
        elif isinstance(child, ast.Constant) and child.value in {"reveal", "_sealed"}:
            yield str(child.value), within
        yield from _places(child, name)


def test_values_are_asked_for_where_it_is_listed_and_nowhere_else() -> None:
    folder = PROJECT / "src" / "offmic"
    found = {
        (path.relative_to(folder).as_posix(), within, name)
        for path in folder.rglob("*.py")
        for name, within in _places(ast.parse(path.read_text("utf-8")), "")
    }
    assert found == PLACES
