"""Tools of MCP servers, for `OFFMIC_MCP`; one that is away must never cost the caller the call.

What their tools return passes the guard as every tool's result does.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from livekit.agents import ToolError
from livekit.agents.llm.mcp import MCPServerHTTP, MCPServerStdio, MCPToolset

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from livekit.agents.llm.mcp import MCPServer, MCPToolResultContext

_log = logging.getLogger("offmic")

_CONNECT_S: Final = 3.0
"""A caller waits for the greeting meanwhile."""
_CALL_S: Final = 15.0


async def connect(servers: Sequence[str], own: Collection[str]) -> list[MCPToolset]:
    """Connect to MCP servers, side by side.

    Args:
        servers: URLs, or command lines of servers that speak over stdin and stdout.
        own: the names of the agent's own tools, which no server's tool may take.

    Returns:
        The tools of those that answered in time; of the others a warning stands in the log.
    """
    found = await asyncio.gather(*(_connect(n, server) for n, server in enumerate(servers, 1)))
    toolsets = [toolset for toolset in found if toolset is not None]
    taken = set(own)
    for toolset in toolsets:
        toolset.filter_tools(lambda tool: tool.info.name not in taken)
        taken.update(tool.id for tool in toolset.tools)
    return toolsets


async def _connect(number: int, server: str) -> MCPToolset | None:
    toolset = MCPToolset(id=f"mcp_{number}", mcp_server=_make(server))
    try:
        async with asyncio.timeout(_CONNECT_S):
            return await toolset.setup()
    except Exception as error:  # noqa: BLE001 - whatever a server of somebody else's does wrong
        _log.warning(
            "an MCP server does not answer, and its tools are not offered in this call",
            extra={"entry_of_OFFMIC_MCP": number, "error": type(error).__name__},
        )
    return None


def _make(server: str) -> MCPServer:
    if is_url(server):
        return MCPServerHTTP(
            server, client_session_timeout_seconds=_CALL_S, tool_result_resolver=_read
        )
    command, *arguments = shlex.split(server)
    return MCPServerStdio(
        command, arguments, client_session_timeout_seconds=_CALL_S, tool_result_resolver=_read
    )


def is_url(server: str) -> bool:
    """Tell whether an entry names a server by its address."""
    return urlsplit(server).scheme in {"http", "https"}


def _read(result: MCPToolResultContext) -> str:
    """Return the text of a result as it is: JSON around it would hide values from the guard."""
    parts: list[Any] = result.result.content
    texts = [part.text for part in parts if part.type == "text"]
    if not texts:
        raise ToolError("The tool gave nothing that can be read aloud.")
    return "\n".join(texts)
