"""A small MCP server over stdin and stdout, and how the assistant gets its tools.

    OFFMIC_MCP="python examples/mcp_server.py" python main.py dev

It knows nothing of offmic: what its tools return in clear passes the guard before a model sees it.
"""

from mcp.server.mcpserver import MCPServer

server = MCPServer("hotel")


@server.tool()
def safe_code(room: int) -> str:
    """Look up the code of a hotel room's safe."""
    return f"The safe code of room {room} is 730415."


@server.tool()
def breakfast() -> str:
    """Say when breakfast is served."""
    return "Breakfast is from 7 to 10 in the morning."


if __name__ == "__main__":
    server.run()
