"""A graph as the brain: what cannot be loaded gets one line, and only the model's words pass."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from langchain_core.messages import AIMessage, ToolMessage
from livekit.agents import llm

from offmic import graph
from offmic.errors import SettingError, UnguardedModelError
from offmic.session import refuse_speech_to_speech

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class _Graph:
    async def astream(self, *_: Any, **__: Any) -> AsyncIterator[tuple[Any, dict[str, Any]]]:
        yield ToolMessage("what a tool returned", tool_call_id="1"), {}
        yield AIMessage("What the model says."), {}


async def test_what_tools_return_inside_the_graph_is_not_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "load", lambda _: _Graph())
    stream = graph.make("some.module:graph").chat(chat_ctx=llm.ChatContext.empty())
    async with stream:
        said = [chunk.delta.content async for chunk in stream if chunk.delta]
    assert said == ["What the model says."]


@pytest.mark.parametrize(
    ("source", "name", "complaint"),
    [
        ("raise ValueError('hunter2-in-a-message')", "graph", "cannot be imported (ValueError)"),
        ("import no_such_module_anywhere", "graph", "cannot be imported (ModuleNotFoundError)"),
        ("graph = 1", "graph", "no compiled graph"),
        ("graph = 1", "other", "no compiled graph"),
    ],
)
def test_a_graph_that_cannot_be_loaded_gets_one_line(
    source: str, name: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"graph_of_a_test_{abs(hash((source, name)))}"
    (tmp_path / f"{module}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SettingError) as caught:
        graph.load(f"{module}:{name}")
    message = str(caught.value)
    assert complaint in message
    assert "\n" not in message
    assert "hunter2" not in message


def test_a_speech_to_speech_model_is_refused_with_the_reason() -> None:
    model: object = object.__new__(
        type("Realtime", (llm.RealtimeModel,), {"__abstractmethods__": set()})
    )
    with pytest.raises(UnguardedModelError, match="past the guard"):
        refuse_speech_to_speech(model)
    refuse_speech_to_speech(SimpleNamespace())
