"""History and report hold no value when they are written out, and nothing is recorded unasked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from livekit.agents import AgentSession, JobContext, llm
from livekit.agents.voice.report import SessionReport

from offmic.audit.renderings import leaks
from offmic.call import Call
from offmic.egress import report
from offmic.egress.redactor import Redactor
from offmic.egress.report import RecordingError, recording
from offmic.secrets import Vault
from offmic.secrets.sources import SecretsFile
from offmic.session import ConfidentialSession
from tests.fakes.planted import PIN, REGISTERED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def redactor(monkeypatch: pytest.MonkeyPatch) -> Redactor:
    vault, one = Vault(), Redactor()
    vault.hold(REGISTERED, "vault word", "password")
    vault.hold(PIN, "pin", "code")
    one.watch(vault)
    for kind in (llm.ChatContext, SessionReport):
        monkeypatch.setattr(kind, "to_dict", kind.to_dict)
    monkeypatch.setattr(JobContext, "shutdown", JobContext.shutdown)
    report.install(one)
    return one


def _history() -> llm.ChatContext:
    history = llm.ChatContext()
    history.add_message(role="user", content=f"my word is {REGISTERED}")
    history.insert(llm.FunctionCall(call_id="1", name="open", arguments=json.dumps({"pin": PIN})))
    history.insert(
        llm.FunctionCallOutput(call_id="1", name="open", output=f"used {PIN}", is_error=False)
    )
    history.add_message(role="assistant", content="The door is open.")
    return history


def test_a_history_that_is_written_out_holds_no_value() -> None:
    text = json.dumps(_history().to_dict())
    assert "The door is open." in text
    assert "[vault word]" in text
    for value in (REGISTERED, PIN):
        assert not leaks(value, text)


async def test_a_report_holds_no_value() -> None:
    session: AgentSession[None] = AgentSession()
    made = SessionReport(
        job_id="job",
        room_id="room",
        room=f"room of {REGISTERED}",
        options=session.options,
        events=[],
        chat_history=_history(),
        tags=[PIN],
    )
    text = json.dumps(made.to_dict(), default=str)
    assert '"job_id": "job"' in text
    for value in (REGISTERED, PIN):
        assert not leaks(value, text)


def test_nothing_is_recorded_unless_asked_for_and_sound_never() -> None:
    assert not any(recording(asked=False).values())
    asked = recording(asked=True)
    assert asked["traces"]
    assert not asked["audio"]
    assert recording({"logs": True})["logs"]
    with pytest.raises(RecordingError, match="sound is refused"):
        recording({"audio": True})


async def test_a_session_starts_unhosted_and_unrecorded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: dict[str, Any] = {}

    async def start(self: object, agent: object, **options: Any) -> None:
        started.update(options)

    monkeypatch.setattr(AgentSession, "start", start)
    call = Call(SecretsFile(tmp_path / "none", []), 120.0)
    await ConfidentialSession(call).start(cast("Any", None))
    assert started["session_host"] is False
    assert not any(started["record"].values())
    with pytest.raises(RecordingError):
        await ConfidentialSession(call).start(cast("Any", None), record={"audio": True})


def test_the_worker_is_told_why_a_job_ends_without_a_value() -> None:
    told: list[str] = []
    job = object.__new__(JobContext)
    vars(job)["_on_shutdown"] = told.append
    job.shutdown(f"could not use {REGISTERED}")
    assert told == ["could not use [vault word]"]
