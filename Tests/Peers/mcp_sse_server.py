"""A server with the HTTP+SSE transport of 2024-11-05 by the official SDK (mcp 2.x and 1.x). Arguments: [port] [token].

GET /sse is the event stream; POST /sse is answered with 405, as such servers do.
"""

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

from peer import hello

server = MCPServer("older", instructions="Add with add.")
state = {"running": 0, "authorized": True}


@server.tool()
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
    finally:
        state["running"] -= 1
    return "done"


@server.tool()
def running() -> int:
    """How many calls of slow are under way."""
    return state["running"]


@server.tool()
def authorized() -> bool:
    """Whether every request carried the token."""
    return state["authorized"]


@server.tool()
def crash() -> str:
    """Ends the process."""
    os._exit(3)


def watched(app, token):
    """Notes requests without the token; with one, refuses them."""

    async def watch(scope, receive, send):
        headers = dict(scope.get("headers", []))
        if scope["type"] == "http" and token and headers.get(b"authorization") != f"Bearer {token}".encode():
            state["authorized"] = False
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await app(scope, receive, send)

    return watch


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    listener.listen(64)
    app = watched(server.sse_app(), sys.argv[2] if len(sys.argv) > 2 else None)
    web = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    hello(port=listener.getsockname()[1])
    asyncio.run(web.serve(sockets=[listener]))


main()
