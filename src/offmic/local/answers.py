"""What is said once a tool has answered; a handle must pass unbroken, and nothing be made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from offmic.local.words import read_data
from offmic.secrets.secret import HANDLE

if TYPE_CHECKING:
    from livekit.agents.llm import FunctionCall, FunctionCallOutput

    from offmic.local.intents import Recogniser


def arguments_of(call: FunctionCall | None) -> dict[str, str]:
    """Return a call's arguments as text; none where they cannot be read."""
    if call is None:
        return {}
    try:
        arguments = json.loads(call.arguments)
    except json.JSONDecodeError:
        return {}
    return {str(k): str(v) for k, v in arguments.items()} if isinstance(arguments, dict) else {}


def answer(output: FunctionCallOutput, call: FunctionCall | None, known: Recogniser) -> str:
    """Return the sentence that tells the caller what a tool returned.

    Args:
        output: the tool's output; most often a handle, or a sentence, which is said as it is.
        call: the call that it answers.
        known: gives the label of what was looked up.
    """
    answers: dict[str, str] = read_data("intents")["answers"]
    result = output.output.strip()
    if not result:
        return answers["failed" if output.is_error else "empty"]
    if " " in result and not HANDLE.fullmatch(result):
        return result
    if output.is_error:
        return answers["failed"]
    arguments = arguments_of(call)
    slots = {
        "label": known.label_of(arguments.get("name", "")) or "answer",
        "account": arguments.get("account", "your account"),
        "result": result,
    }
    return answers.get(output.name, answers["other"]).format(**slots)
