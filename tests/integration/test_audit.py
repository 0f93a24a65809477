"""`offmic audit` finds nothing on the front desk, and what there is to find on a plain agent."""

from __future__ import annotations

import json
import sys
from asyncio import create_subprocess_exec, subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from offmic.audit.sinks import SINKS
from tests.fakes.worker import PROJECT, environment

pytestmark = pytest.mark.sfu

SHORT: Final = (
    "digit words",
    "halves over turns",
    "zero width",
    "base64",
    "one character a chunk",
    "barge-in in mid-value",
    "provider error in mid-value",
    "a foreign handle",
    "tool arguments",
    "tool exception",
    "print and log in a tool",
    "session.say in a tool",
    "a typed PIN repeated",
)


async def audited(*arguments: str) -> tuple[int, dict[str, Any], str]:
    process = await create_subprocess_exec(
        *(str(Path(sys.executable).with_name("offmic")), "audit", "--json", *arguments),
        cwd=PROJECT,
        env=environment({"PYTHONPATH": str(PROJECT)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, json.loads(out or b"{}"), err.decode()


async def test_nothing_leaks_from_the_front_desk() -> None:
    code, verdict, errors = await audited("--attacks", ",".join(SHORT))
    assert not verdict["leaks"], verdict["leaks"]
    assert not verdict["unread"]
    assert not verdict["unplayed"]
    assert verdict["attacks"] == list(SHORT)
    assert verdict["sinks"] == [sink.name for sink in SINKS]
    assert code == 0, errors


async def test_the_audit_sees_a_plain_agent_leak() -> None:
    code, verdict, errors = await audited(
        *("--agent", "tests.fakes.plain_agent:PlainAgent"),
        *("--attacks", "as it is,digit words,tool result,a typed PIN repeated"),
    )
    assert code == 1, errors
    assert not verdict["unread"]
    leaked = {(leak["attack"], leak["sink"]) for leak in verdict["leaks"]}
    for sink in ("lk.transcription", "chat history", "model requests", "OTel spans"):
        assert ("as it is", sink) in leaked
        assert ("digit words", sink) in leaked
    assert ("tool result", "chat history") in leaked
    assert ("a typed PIN repeated", "model requests") in leaked
    # What it does override holds, as far as a pattern of written digits can.
    assert ("as it is", "agent audio") not in leaked
    assert ("digit words", "agent audio") in leaked
