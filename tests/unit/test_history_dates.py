"""What is said after the clock stepped back comes after what was said before it."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from livekit.agents import llm

from offmic.history_dates import keep_past

if TYPE_CHECKING:
    import pytest
    from livekit.agents import AgentSession


def a_history(monkeypatch: pytest.MonkeyPatch) -> llm.ChatContext:
    """Return a history after which the clock stepped back by an hour."""
    history = llm.ChatContext.empty()
    for number in range(3):
        history.add_message(role="assistant", content=f"before {number}")
    stepped_s = time.time() - 3600
    monkeypatch.setattr("time.time", lambda: stepped_s)
    return history


def texts(history: llm.ChatContext) -> list[str | None]:
    return [item.text_content for item in history.items if isinstance(item, llm.ChatMessage)]


def test_what_is_said_after_the_step_is_last(monkeypatch: pytest.MonkeyPatch) -> None:
    history = a_history(monkeypatch)
    session = SimpleNamespace(history=llm.ChatContext(items=list(history.items)))
    keep_past(cast("AgentSession[object]", session), history.items)
    history.insert(llm.ChatMessage(role="user", content=["after"], created_at=time.time()))
    assert texts(history) == ["before 0", "before 1", "before 2", "after"]


def test_the_framework_would_put_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    history = a_history(monkeypatch)
    history.insert(llm.ChatMessage(role="user", content=["after"], created_at=time.time()))
    assert texts(history)[0] == "after", "keep_past is not needed any more"
