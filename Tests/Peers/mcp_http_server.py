"""A streamable HTTP server by the official SDK (mcp 2.x; 1.x too). Arguments: [port] [token]."""

import asyncio
import os
import socket
import sys

import uvicorn

try:
    from mcp.server.mcpserver import Context, MCPServer
except ImportError:
    from mcp.server.fastmcp import Context
    from mcp.server.fastmcp import FastMCP as MCPServer
from mcp.types import CallToolResult, ToolAnnotations

from peer import hello

server = MCPServer("fixture", instructions="Add with add.")
state = {"running": 0, "cancelled": 0}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


@server.tool(title="Addition", annotations=ToolAnnotations.model_validate({"readOnlyHint": True}))
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
async def slow(seconds: float, ctx: Context) -> str:
    """Takes its time and reports progress."""
    state["running"] += 1
    try:
        steps = int(seconds * 10)
        for step in range(steps):
            await ctx.report_progress(step, steps)
            await asyncio.sleep(0.1)
    except BaseException:
        state["cancelled"] += 1
        raise
    finally:
        state["running"] -= 1
    return "done"


@server.tool()
def running() -> int:
    """How many calls of slow are under way."""
    return state["running"]


@server.tool()
def cancelled() -> int:
    """How many calls of slow were cancelled."""
    return state["cancelled"]


@server.tool()
def picture() -> CallToolResult:
    """An image and structured content."""
    return CallToolResult.model_validate(
        {
            "content": [
                {"type": "text", "text": "a pixel"},
                {"type": "image", "data": PIXEL, "mimeType": "image/png"},
                {"type": "resource_link", "uri": "file:///pixel.png", "name": "pixel"},
            ],
            "structuredContent": {"width": 1},
        }
    )


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("the shelf is empty")


@server.tool()
def crash() -> str:
    """Ends the process."""
    os._exit(3)


@server.tool()
async def grow(ctx: Context) -> str:
    """Adds the tool grown and says that the tools changed."""

    def grown() -> str:
        """Was not there before."""
        return "grown"

    server.add_tool(grown)
    await ctx.session.send_tool_list_changed()
    return "ok"


def guarded(app, token):
    """Lets only requests with the token through."""

    async def guard(scope, receive, send):
        headers = dict(scope.get("headers", []))
        if scope["type"] == "http" and headers.get(b"authorization") != f"Bearer {token}".encode():
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": f"not {headers}".encode()})
            return
        await app(scope, receive, send)

    return guard


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    listener.listen(64)
    app = server.streamable_http_app()
    if len(sys.argv) > 2:
        app = guarded(app, sys.argv[2])
    web = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    hello(port=listener.getsockname()[1])
    asyncio.run(web.serve(sockets=[listener]))


main()
