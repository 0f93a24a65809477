"""What the project itself logs, traces and counts: static messages, no field that bears a value.

Every call in `src/offmic` is read from its syntax tree; a new field is added to the tables here, or
it fails.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import pytest
from prometheus_client.metrics import MetricWrapperBase

from offmic import metrics
from tests.fakes.worker import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE: Final = PROJECT / "src" / "offmic"
LOGGERS: Final = {"_log", "_trail", "logger", "log", "_logger"}
LEVELS: Final = {"debug", "info", "warning", "error", "exception", "critical", "log"}
SPANS: Final = {"start_span", "start_as_current_span", "add_event", "set_attribute"}

FIELDS: Final = {
    *("delivery", "label", "kind", "participant", "outcome", "reason", "part", "error"),
    *("entry_of_OFFMIC_MCP", "room", "epoch", "calls", "capacity", "callers", "models", "draining"),
    *("status", "exit_code"),
}
"""What a record may carry: references, labels, kinds, identities and outcomes."""

ARGUMENTS: Final = {"error.code", "error", "what", "port"}
"""What may stand in a message: codes, ports, errors of our own family, names of services."""

LABELS: Final = {"part", "kind", "via", "direction", "outcome", "provider", "sink"}


PLANTED: Final = {"src/offmic/audit/probes.py"}
"""Where the audit leaks canaries on purpose, to see whether it finds them."""


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(PROJECT))
        if name not in PLANTED:
            yield name, ast.parse(path.read_text())


def _calls() -> Iterator[tuple[str, ast.Call, str, str]]:
    """Yield each call of a method: where, itself, on what, and the method's name."""
    for name, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = ast.unparse(node.func.value)
                yield f"{name}:{node.lineno}", node, owner, node.func.attr


def _log_calls() -> list[tuple[str, ast.Call]]:
    return [
        (where, call)
        for where, call, owner, method in _calls()
        if method in LEVELS and owner.rpartition(".")[2] in LOGGERS
    ]


def _fields_of(where: str, extra: ast.expr) -> ast.Dict:
    """Return the dictionary that is given, itself or by the one name that it has."""
    if isinstance(extra, ast.Name):
        tree = next(tree for name, tree in _sources() if where.startswith(f"{name}:"))
        (extra,) = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == extra.id
        ]
    assert isinstance(extra, ast.Dict), where
    return extra


def _constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_there_is_something_to_read() -> None:
    assert len(_log_calls()) >= 5


@pytest.mark.parametrize(("where", "call"), _log_calls())
def test_a_message_is_static_and_its_fields_are_known(where: str, call: ast.Call) -> None:
    message, *arguments = call.args
    assert _constant(message), f"{where}: the message is made up"
    for argument in arguments:
        assert ast.unparse(argument) in ARGUMENTS, f"{where}: {ast.unparse(argument)}"
    for keyword in call.keywords:
        if keyword.arg != "extra":
            assert keyword.arg in {"exc_info", "stack_info"}, where
        elif isinstance(keyword.value, ast.DictComp):
            # The parts of a turn: the key is a member of a fixed set, the value a time.
            assert ast.unparse(keyword.value.key) == "p.value", where
            assert ast.unparse(keyword.value.value).startswith("round("), where
        else:
            fields = _fields_of(where, keyword.value)
            for key, value in zip(fields.keys, fields.values, strict=True):
                assert key is not None, where
                assert ast.literal_eval(key) in FIELDS, f"{where}: {ast.unparse(key)}"
                assert "reveal" not in ast.unparse(value), where


def test_spans_have_static_names_and_known_attributes() -> None:
    seen = 0
    for where, call, owner, method in _calls():
        if method not in SPANS or owner.startswith("super"):
            continue
        seen += 1
        assert _constant(call.args[0]), f"{where}: the name is made up"
        for keyword in call.keywords:
            if keyword.arg == "attributes":
                assert isinstance(keyword.value, ast.Dict), where
                keys = {ast.literal_eval(key) for key in keyword.value.keys if key is not None}
                assert keys <= {f"offmic.{field}" for field in FIELDS}, where
    assert seen


def test_labels_of_figures_are_members_of_fixed_sets() -> None:
    seen = 0
    for where, call, _, method in _calls():
        if method != "labels":
            continue
        seen += 1
        for argument in call.args:
            text = ast.unparse(argument)
            assert text.endswith(".value"), f"{where}: {text}"
            assert "secret" not in text, where
        assert not call.keywords, where
    assert seen
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            assert set(vars(metric)["_labelnames"]) <= LABELS


def test_nothing_is_printed_but_by_command_lines() -> None:
    allowed = ("start.py", "run.py", "doctor.py", "cli.py", "local/models.py")
    for name, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                assert name.endswith((*allowed, "_command.py")), f"{name}:{node.lineno}"
