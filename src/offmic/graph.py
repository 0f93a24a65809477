"""A LangGraph graph as the brain; what its tools return to its own model must never be spoken.

The graph runs its tools itself, out of reach of the guard: there a value belongs in a `Secret`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from offmic.errors import MissingPartError, SettingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from livekit.agents import llm


def load(path: str) -> Any:
    """Import a compiled graph.

    Args:
        path: `package.module:name`, importable from where the worker is started.

    Returns:
        The graph.

    Raises:
        SettingError: there is no such module or name, or it is no compiled graph.
    """
    module, _, name = path.partition(":")
    problem = None
    try:
        graph = getattr(importlib.import_module(module), name, None)
    except Exception as error:  # noqa: BLE001 - whatever the user's module does wrong
        # Its type alone: what a module of somebody else's raises may quote anything.
        problem = type(error).__name__
    if problem is not None:
        raise SettingError(
            f"OFFMIC_LLM names langgraph/{path}, whose module cannot be imported ({problem}): "
            "try `python -c 'import …'` with that module from the project's root"
        )
    if not hasattr(graph, "astream"):
        raise SettingError(
            f"OFFMIC_LLM names langgraph/{path}, which is no compiled graph: name what "
            "`StateGraph.compile()` returned, as langgraph/package.module:graph"
        )
    return graph


def make(path: str) -> llm.LLM[Any]:
    """Make the framework's model out of a graph.

    Args:
        path: `package.module:name` of a compiled graph.

    Raises:
        MissingPartError: the plugin is not installed.
        SettingError: the graph cannot be loaded.
    """
    try:
        from livekit.plugins.langchain import LLMAdapter
    except ImportError as error:
        raise MissingPartError(
            "LangGraph is not installed (extra langgraph): run `make setup`"
        ) from error
    graph: Any = _SpokenAlone(load(path))
    model: llm.LLM[Any] = LLMAdapter(graph)
    return model


class _SpokenAlone:
    """The graph, of whose messages only the model's own pass: the plugin would speak tools' too.

    Args:
        graph: a compiled graph.
    """

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    async def astream(self, *args: Any, **options: Any) -> AsyncIterator[Any]:
        """Stream as the graph does."""
        from langchain_core.messages import AIMessage

        async for message, about in self._graph.astream(*args, **options):
            if isinstance(message, AIMessage):
                yield message, about
