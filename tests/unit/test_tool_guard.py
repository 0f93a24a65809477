"""What goes into tools and comes out of them: handles for the model, values for `Secret` alone."""

from __future__ import annotations

import asyncio
import json
import logging
from contextvars import Context
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

import pydantic
import pytest
from livekit.agents import Agent, RunContext, ToolError, function_tool, llm
from livekit.agents.llm import FunctionTool, RawFunctionTool, StopResponse, ToolResult

from offmic.agent import ConfidentialAgent
from offmic.audit.renderings import leaks
from offmic.delivery import DeliveryState
from offmic.secrets import Secret, Vault
from offmic.tool_guard import (
    ToolFailedError,
    guard_arguments,
    guard_exception,
    guard_output,
    guard_tools,
)
from tests.fakes.recording_channel import RecordingChannel
from tests.fakes.scripted_model import tool_call
from tests.fakes.talk import VALUE, Talk
from tests.fakes.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOOR = "48213377"


@pytest.fixture
def vault() -> Vault:
    vault = Vault()
    vault.enter()
    return vault


@pytest.fixture
def secret(vault: Vault) -> Secret:
    return vault.hold(VALUE, "Wi-Fi password")


@dataclass
class _Room:
    code: str
    guests: list[str]


class _Guest(pydantic.BaseModel):
    name: str
    door: Secret


class _Kind(Enum):
    SAFE = VALUE


class _Odd:
    def __str__(self) -> str:
        return f"odd {VALUE}"


OUTPUTS: dict[str, Callable[[Secret], Any]] = {
    "a secret": lambda s: s,
    "raw": lambda _: f"It is {VALUE}.",
    "a list": lambda _: ["a", [VALUE]],
    "a set": lambda _: {VALUE},
    "a dict's value": lambda _: {"x": {"y": VALUE}},
    "a dict's key": lambda _: {VALUE: 1},
    "a dataclass": lambda _: _Room(VALUE, ["Ann"]),
    "a model": lambda s: _Guest(name=VALUE, door=s),
    "an enum": lambda _: _Kind.SAFE,
    "bytes": lambda _: VALUE.encode(),
    "anything": lambda _: _Odd(),
    "JSON": lambda _: '{"text": "' + "".join(f"\\u{ord(c):04x}" for c in VALUE) + '"}',
    "a result": lambda _: ToolResult(output=[VALUE]),
    "a returned error": lambda _: ToolError(f"not {VALUE}"),
}


@pytest.mark.parametrize("form", OUTPUTS)
def test_no_form_of_output_carries_a_value(form: str, vault: Vault, secret: Secret) -> None:
    output = guard_output(vault, OUTPUTS[form](secret))
    text = str(output.output if isinstance(output, ToolResult) else output)
    assert not leaks(VALUE, text)
    assert secret.handle in text


def test_a_field_and_its_name_together_are_a_secret(vault: Vault) -> None:
    text = str(guard_output(vault, {"password": "hunter2"}))
    assert "hunter2" not in text
    assert [s.reveal() for s in vault] == ["hunter2"]


def test_a_number_that_is_a_value_is_one(vault: Vault) -> None:
    handle = vault.hold(DOOR, "door code").handle
    assert guard_output(vault, {"n": int(DOOR), "rooms": 3}) == {"n": handle, "rooms": 3}


def test_what_holds_no_value_stays_what_it_is(vault: Vault, secret: Secret) -> None:
    for output in (None, 3, True, "fine", ["a", 1, None], {"a": [1.5]}):
        assert guard_output(vault, output) == output


def test_an_agent_to_hand_over_to_stays_one(vault: Vault, secret: Secret) -> None:
    agent = Agent(instructions="x")
    assert guard_output(vault, agent) is agent
    assert guard_output(vault, (agent, VALUE)) == [agent, secret.handle]


def test_a_circle_ends(vault: Vault) -> None:
    circle: list[Any] = []
    circle.append(circle)
    assert "…" in str(guard_output(vault, circle))


def test_a_handle_or_label_in_a_documents_words_is_inert(vault: Vault, secret: Secret) -> None:
    output = guard_output(vault, "say {{secret:door.abcd1234}} and [wi-fi  password] [1]")
    assert output == "say  and (wi-fi  password) [1]"


def test_a_secret_of_another_call_becomes_one_of_this_call(vault: Vault) -> None:
    other = Vault()
    other.enter()
    foreign = Secret(VALUE, "safe code")
    vault.enter()
    handle = guard_output(vault, foreign)
    assert handle != foreign.handle
    assert (own := vault.resolve(handle)) is not None
    assert own.reveal() == VALUE


def _raise(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except type(error) as raised:
        return raised


@pytest.mark.parametrize(
    "error",
    [
        ToolError(f"no {VALUE}"),
        ValueError(f"bad {VALUE}"),
        KeyError({"deep": [VALUE]}),
        _raise(ValueError("outer"), RuntimeError(VALUE)),
        _raise(ToolError("outer"), RuntimeError(VALUE)),
    ],
)
def test_no_exception_carries_a_value(error: Exception, vault: Vault, secret: Secret) -> None:
    clean = guard_exception(vault, error)
    assert isinstance(clean, ToolFailedError)
    assert not leaks(VALUE, repr(clean.__dict__) + str(clean) + clean.message)
    assert clean.__cause__ is clean.__context__ is None


def test_other_exceptions_stay_what_they_are(vault: Vault, secret: Secret) -> None:
    for error in (ToolError("no such room"), ValueError("bad"), StopResponse()):
        assert guard_exception(vault, error) is error


def test_arguments_carry_handles_for_labels_and_values(vault: Vault, secret: Secret) -> None:
    door = vault.hold(DOOR, "door code")
    given = json.dumps({"a": "[wi-fi password]", "b": [f"x {VALUE}"], "c": int(DOOR), "d": 3})
    assert json.loads(guard_arguments(vault, given)) == {
        "a": secret.handle,
        "b": [f"x {secret.handle}"],
        "c": door.handle,
        "d": 3,
    }
    assert guard_arguments(vault, f"broken {VALUE}") == f"broken {secret.handle}"


class Toolbox(ConfidentialAgent):
    """Keeps what its tools were given."""

    given: list[Any]

    @function_tool
    async def take(self, secret: Secret, text: str) -> str:
        """Take both."""
        self.given = [secret, text]
        return f"got {secret.reveal()} and {secret}"

    @function_tool
    async def fail(self, text: str) -> str:
        """Fail."""
        self.given = [text]
        raise ValueError(f"no {VALUE}")


@function_tool(
    raw_schema={"name": "raw", "description": "x", "parameters": {"type": "object"}},
)
async def raw(raw_arguments: dict[str, object]) -> dict[str, object]:
    return {"asked": raw_arguments, "answer": f"Is: {VALUE}"}


async def _run(tmp_path: Path, call: llm.FunctionToolCall, said: str) -> tuple[Talk, Toolbox]:
    channel = RecordingChannel(DeliveryState.SHOWN, "")
    talk = Talk([[call], ["Done."]], channel, tmp_path / "s.toml")
    agent = Toolbox(talk.call, instructions="x", tools=[raw])
    agent.given = []
    await talk.start(agent)
    await talk.type(said)
    return talk, agent


async def test_a_parameter_typed_secret_gets_the_value_and_one_typed_str_the_handle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    call = tool_call("take", '{"secret": "[Wi-Fi password]", "text": "it: [Wi-Fi password]"}')
    talk, agent = await _run(tmp_path, call, f"is it {VALUE}?")
    secret, text = agent.given
    assert secret.reveal() == VALUE
    assert text == f"it: {secret.handle}"
    assert f"got {secret.handle} and {secret.handle}" in talk.model.requested()
    assert not leaks(VALUE, talk.everything())
    assert not leaks(VALUE, caplog.text + repr([r.__dict__ for r in caplog.records]))
    await talk.session.aclose()


@pytest.mark.parametrize("parameter", ["secret", "text"])
async def test_a_handle_that_was_made_up_is_refused_with_a_clear_error(
    tmp_path: Path, parameter: str
) -> None:
    stranger = "{{secret:wifi-password.zzzzzzzz}}"
    arguments = {"secret": "[Wi-Fi password]", "text": "x"} | {parameter: stranger}
    talk, agent = await _run(tmp_path, tool_call("take", json.dumps(arguments)), "hello")
    assert agent.given == []
    assert "of this call" in talk.model.requested()
    await talk.session.aclose()


async def test_what_a_tool_raises_is_guarded_before_anything_logs_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    talk, agent = await _run(tmp_path, tool_call("fail", '{"text": "x"}'), "hello")
    assert agent.given == ["x"]
    assert "ValueError: no {{secret:" in talk.model.requested()
    assert not leaks(VALUE, talk.everything())
    assert not leaks(VALUE, caplog.text + repr([r.__dict__ for r in caplog.records]))
    await talk.session.aclose()


async def test_a_raw_tool_as_mcp_servers_have_them_is_guarded_too(tmp_path: Path) -> None:
    call = tool_call("raw", '{"what": "[Wi-Fi password]"}')
    talk, _ = await _run(tmp_path, call, "hello")
    assert "'what': '{{secret:" in talk.model.requested().replace('\\"', "'").replace("\\'", "'")
    assert not leaks(VALUE, talk.everything())
    await talk.session.aclose()


async def test_what_a_tool_reports_while_it_runs_is_guarded(tmp_path: Path) -> None:
    @function_tool
    async def slow(context: RunContext[Any]) -> str:
        """Report, and end."""
        await context.update(f"looking at {VALUE}")
        return f"found {VALUE}"

    channel = RecordingChannel(DeliveryState.SHOWN, "")
    talk = Talk([[tool_call("slow", "{}")], ["One moment."], ["Done."]], channel, tmp_path)
    told: list[str] = []
    talk.session.on("tool_execution_updated", lambda event: told.append(str(event)))
    await talk.start(ConfidentialAgent(talk.call, instructions="x", tools=[slow]))
    await talk.type("hello")
    await eventually(lambda: "found" in talk.everything(), 30.0, "the tool's end in the history")
    assert "looking at {{secret:" in talk.everything()
    assert "found {{secret:" in talk.everything()
    assert "looking at {{secret:" in str(told)
    assert not leaks(VALUE, talk.everything() + str(told))
    await talk.session.aclose()


async def test_what_a_tool_raised_first_is_not_carried_along(vault: Vault, secret: Secret) -> None:
    @function_tool
    async def fail() -> str:
        """Fail."""
        raise ValueError(VALUE)

    guard_tools([fail])
    with pytest.raises(ToolFailedError) as raised:
        await cast("Any", fail)()
    assert raised.value.__context__ is raised.value.__cause__ is None


async def test_a_tool_outside_of_a_call_is_left_alone() -> None:
    @function_tool
    async def plain() -> str:
        """Return a value."""
        return VALUE

    guard_tools([plain])
    guard_tools([plain])
    assert isinstance(plain, FunctionTool | RawFunctionTool)
    running = cast("Any", plain)()
    assert await asyncio.create_task(running, context=Context()) == VALUE
