"""What goes into a tool and what comes out of it: handles in, handles out, whoever wrote the tool.

No value may leave a tool for the model, the history, a trace or a log, neither returned nor raised;
tools of MCP servers are tools like any other.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from livekit.agents import Agent, RunContext, StopResponse, ToolError, llm
from livekit.agents.llm import FunctionTool, RawFunctionTool, ToolResult

from offmic.guard.handles import plain_label
from offmic.inbound import guard_result, guard_values, with_handles
from offmic.secrets import Secret, current_vault
from offmic.secrets.secret import HANDLE
from offmic.tool_values import flatten, leaves, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from offmic.secrets import Vault

_GUARDED: Final = "__offmic_guarded__"
_BRACKETS: Final = re.compile(r"[\[\uff3b\ufe47]([^\[\]\uff3b\uff3d\n]{1,120})[\]\uff3d\ufe48]")
_LOOKS_LIKE_HANDLE: Final = re.compile(r"\{\{secret:[^{}]{0,96}\}\}")


class ToolFailedError(ToolError):
    """Stands for an exception of a tool whose own text held a value."""


def guard_tools(tools: Iterable[llm.Tool]) -> None:
    """Guard these tools, each once, however they came to the agent.

    A tool that runs outside of a call is left as it is.

    Args:
        tools: of an agent, a session, a toolset or an MCP server, all flat.
    """
    for tool in tools:
        if isinstance(tool, FunctionTool | RawFunctionTool) and not hasattr(tool._func, _GUARDED):  # noqa: SLF001 - a wrapper in its place would be another tool to the framework
            tool._func = _guarded(tool._func)  # noqa: SLF001 - as above


def guard_arguments(vault: Vault, arguments: str) -> str:
    """Return a tool call's arguments with handles for labels and values.

    Args:
        vault: of the call.
        arguments: JSON as the model wrote it; what is no JSON is guarded as text.
    """

    def guard(leaf: str | float) -> str | int | float:
        if isinstance(leaf, str):
            return with_handles(vault, guard_values(vault, leaf))
        text = str(leaf)
        return leaf if (guarded := guard_values(vault, text)) == text else guarded

    try:
        read = json.loads(arguments)
    except ValueError:
        return with_handles(vault, guard_values(vault, arguments))
    guarded = walk(read, guard)
    return arguments if guarded == read else json.dumps(guarded, ensure_ascii=False)


def guard_output(vault: Vault, output: Any) -> Any:
    """Return what a tool returned in a form that holds handles alone.

    Args:
        vault: of the call; what the tool returned as a `Secret`, and what is found in other text,
            is in it afterwards.
        output: whatever a tool may return; of what the framework knows how to treat, agents and
            `ToolResult` stay what they are.
    """
    if isinstance(output, ToolResult):
        return replace(output, output=guard_output(vault, output.output))
    if output is None or isinstance(output, bool | Agent):
        return output
    if isinstance(output, list | tuple | set | frozenset) and any(
        isinstance(item, Agent) for item in output
    ):
        return [guard_output(vault, item) for item in output]
    if isinstance(output, BaseException):
        return guard_exception(vault, output)
    read = walk(flatten(output), functools.partial(_guard_leaf, vault))
    if isinstance(read, str):
        return read
    # Only side by side do a field's name and what is in it give a secret away.
    text = str(read)
    return read if (guarded := guard_result(vault, text)) == text else guarded


def guard_exception(vault: Vault, raised: BaseException) -> BaseException:
    """Return an exception that may be told and logged: the same one where it holds no value."""
    if isinstance(raised, StopResponse):
        return raised
    if isinstance(raised, ToolError):
        message = _guard_text(vault, raised.message)
        clean = message == raised.message and not _tells(vault, raised)
        return raised if clean else ToolFailedError(message)
    if not _tells(vault, raised):
        return raised
    # Its own text, its arguments and what it came from are all printed by a log.
    return ToolFailedError(f"{type(raised).__name__}: {_guard_text(vault, str(raised))}")


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def guarded(*args: Any, **kwargs: Any) -> Any:
        vault = current_vault()
        if vault is None:
            return await function(*args, **kwargs)
        _refuse_strangers(vault, [*args, *kwargs.values()])
        for given in (*args, *kwargs.values()):
            if isinstance(given, RunContext):
                _guard_updates(vault, given)
        try:
            return guard_output(vault, await function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whatever a tool raises is looked through
            raised = guard_exception(vault, error)
        # Outside of the handler: what is raised in it carries the first one along.
        raise raised

    setattr(guarded, _GUARDED, True)
    return guarded


def _guard_updates(vault: Vault, context: RunContext[Any]) -> None:
    """What a tool reports while it runs is put into the history as its output is."""
    report = context.update
    if hasattr(report, _GUARDED):
        return

    @functools.wraps(report)
    async def update(message: Any, **options: Any) -> None:
        await report(guard_output(vault, message), **options)

    setattr(update, _GUARDED, True)
    setattr(context, "update", update)  # noqa: B010 - a method of this one object


def _refuse_strangers(vault: Vault, arguments: list[Any]) -> None:
    for leaf in leaves(arguments):
        for found in _LOOKS_LIKE_HANDLE.findall(leaf):
            if vault.resolve(found) is None:
                name = known[1] if (known := HANDLE.fullmatch(found)) else "secret"
                raise ToolError(
                    f"The handle for {name} is not one of this call: pass a handle exactly as it "
                    "was given, or ask for the secret again."
                )


def _guard_leaf(vault: Vault, leaf: str | float) -> str | int | float:
    if isinstance(leaf, Secret):
        return _own(vault, leaf).handle
    if isinstance(leaf, str):
        return _guard_text(vault, leaf)
    text = str(leaf)
    return leaf if (guarded := guard_values(vault, text)) == text else guarded


def _own(vault: Vault, secret: Secret) -> Secret:
    """Return the secret as one of this call: a tool may have kept it from another one."""
    known = vault.resolve(secret.handle)
    if known is not None:
        return known
    return Secret(
        secret.reveal(), secret.label, secret.kind, secret.ttl_s, secret.once, name=secret.name
    )


def _guard_text(vault: Vault, text: str) -> str:
    if text[:1] in {"{", "["}:
        # JSON hides what it escapes.
        try:
            read = json.loads(text)
        except ValueError:
            pass
        else:
            guarded = walk(read, functools.partial(_guard_leaf, vault))
            if guarded != read:
                text = json.dumps(guarded, ensure_ascii=False)
    labels = {plain_label(secret.label) for secret in vault}
    inert = _BRACKETS.sub(lambda f: f"({f[1]})" if plain_label(f[1]) in labels else f[0], text)
    return guard_result(vault, inert)


def _tells(vault: Vault, raised: BaseException) -> bool:
    """Tell whether an exception, its arguments, its notes or what it came from hold a value."""
    seen: set[int] = set()
    chain: list[BaseException | None] = [raised]
    while chain:
        error = chain.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        texts = [str(error), *map(str, leaves(error.args)), *getattr(error, "__notes__", ())]
        if any(guard_result(vault, text) != text for text in texts):
            return True
        chain += [error.__cause__, error.__context__]
    return False
