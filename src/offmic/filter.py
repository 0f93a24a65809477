"""`offmic guard`, the guard as a filter over JSON lines; an answer must never echo a bad line."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final

from offmic.errors import OffmicError
from offmic.guard import Direction, Guard, Phrasing, SecretDiverted
from offmic.guard.kinds import kind_of
from offmic.secrets import Kind, Secret, Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from offmic.guard import Segment

_FIELDS: Final = {"direction", "vault", "turns"}
_ENTRY_FIELDS: Final = {"label", "value", "name", "kind"}


class LineError(OffmicError):
    """A line of the filter's input cannot be used; the message repeats nothing of it."""


def run(stdin: IO[bytes], stdout: IO[bytes]) -> int:
    """Answer each line of JSON with one line, in order.

    Args:
        stdin: where requests come from, UTF-8, one a line; blank lines are skipped.
        stdout: where answers go, flushed after each.

    Returns:
        The exit code: always 0, since each line answers for itself.
    """
    for line in stdin:
        if not line.strip():
            continue
        try:
            answer = answer_line(line)
        except LineError as error:
            answer = {"error": str(error)}
        stdout.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace"))
        stdout.write(b"\n")
        stdout.flush()
    return 0


def answer_line(line: bytes) -> dict[str, Any]:
    """Run one guard over the turns of one request.

    Args:
        line: one JSON object.

    Returns:
        The answer, as the filter writes it.

    Raises:
        LineError: the line is not a request.
    """
    request = _parse(line)
    vault = _vault(request.get("vault", []))
    direction = _direction(request.get("direction", Direction.OUT.value))
    guard = Guard(vault, direction)
    return {"turns": [_turn(guard, vault, direction, turn) for turn in _turns(request)]}


def _turn(guard: Guard, vault: Vault, direction: Direction, chunks: list[str]) -> dict[str, Any]:
    phrasing = Phrasing(fitted=True) if direction is Direction.OUT else Phrasing(_handle_of(vault))
    emitted: list[str] = []
    transcript: list[str] = []
    diverted: list[dict[str, str]] = []

    def take(segments: Iterable[Segment]) -> None:
        phrased = phrasing.take(segments := list(segments))
        emitted.append(phrased.spoken)
        transcript.append(phrased.transcript)
        diverted.extend(_describe(s) for s in segments if isinstance(s, SecretDiverted))

    for chunk in chunks:
        take(guard.feed(chunk))
    take(guard.flush())
    said = "spoken" if direction is Direction.OUT else "text"
    return {
        said: "".join(emitted),
        "transcript": "".join(transcript),
        "emitted": emitted,
        "diverted": diverted,
    }


def _handle_of(vault: Vault) -> Callable[[SecretDiverted], str]:
    def phrase(secret: SecretDiverted) -> str:
        label = secret.label or secret.kind.value
        return secret.reference or vault.hold(secret.value, label, secret.kind).handle

    return phrase


def _describe(secret: SecretDiverted) -> dict[str, str]:
    return {
        "label": secret.label,
        "kind": secret.kind.value,
        "value": secret.value,
        "via": secret.via.value,
    }


def _parse(line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise LineError("not UTF-8; send one JSON object a line in UTF-8") from None
    except (ValueError, RecursionError):
        raise LineError("not JSON; send one JSON object a line") from None
    if not isinstance(request, dict):
        raise LineError("not an object; send {'turns': [['…']]}")
    if unknown := len(request.keys() - _FIELDS):
        raise LineError(f"{unknown} unknown field(s); allowed are direction, vault and turns")
    return request


def _direction(given: object) -> Direction:
    if not isinstance(given, str) or given not in set(Direction):
        raise LineError("direction is wrong; allowed are 'out' and 'in'")
    return Direction(given)


def _turns(request: dict[str, Any]) -> list[list[str]]:
    turns = request.get("turns")
    if not isinstance(turns, list):
        raise LineError("turns is missing or no list; send a list of turns, each a list of chunks")
    for turn in turns:
        if not isinstance(turn, list) or not all(isinstance(chunk, str) for chunk in turn):
            raise LineError("a turn is no list of strings; send each turn as a list of chunks")
    return turns


def _vault(given: object) -> Vault:
    if not isinstance(given, list):
        raise LineError("vault is no list; send a list of objects with label and value")
    vault = Vault()
    for number, entry in enumerate(given, 1):
        if not isinstance(entry, dict) or entry.keys() - _ENTRY_FIELDS:
            raise LineError(f"vault entry {number} is wrong; allowed are label, value, name, kind")
        if not all(isinstance(part, str) for part in entry.values()):
            raise LineError(f"vault entry {number} has a field that is no string")
        if not entry.get("value"):
            raise LineError(f"vault entry {number} has no value")
        _hold(vault, entry, number)
    return vault


def _hold(vault: Vault, entry: dict[str, str], number: int) -> None:
    kind = entry.get("kind")
    if kind is None:
        kind = kind_of(entry.get("label", ""))
    elif kind not in set(Kind):
        raise LineError(f"vault entry {number} has an unknown kind; see the list of kinds")
    name = entry.get("name")
    label = entry.get("label") or (name or "secret").replace("-", " ")
    vault.adopt(Secret(entry["value"], label, kind, name=name))
