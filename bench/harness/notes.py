"""An MCP server with a tool that writes: it records a text, once for each call.

It runs in the harness process, so that its notes outlive every bot process. It implements MCP's streamable HTTP
without sessions: each POST carries a message and is answered with JSON.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from .model import TOOL

BEFORE, AFTER = 0.1, 0.2
"""Seconds of a call before and after the text is noted; a bot may be killed in either period."""
VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26")

DEFINITION: dict[str, Any] = {
    "name": TOOL, "title": "Add a note", "description": "Writes a text down. Each call writes it once more.",
    "inputSchema": {
        "type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"],
        "additionalProperties": False},
    "annotations": {
        "readOnlyHint": False, "destructiveHint": False, "idempotentHint": False, "openWorldHint": False}}


class Notebook:
    def __init__(self) -> None:
        self.notes: list[tuple[float, str]] = []
        """Time in seconds since 1970, and text; one element for each call."""
        self.url = ""

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.notes]

    async def answer(self, request: web.Request) -> web.Response:
        message = await request.json()
        if "id" not in message:
            return web.Response(status=202)
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        match message.get("method"):
            case "initialize":
                asked = message.get("params", {}).get("protocolVersion")
                answer["result"] = {
                    "protocolVersion": asked if asked in VERSIONS else VERSIONS[0], "capabilities": {"tools": {}},
                    "serverInfo": {"name": "bench-notes", "version": "1"}}
            case "ping":
                answer["result"] = {}
            case "tools/list":
                answer["result"] = {"tools": [DEFINITION]}
            case "tools/call" if message["params"]["name"] == TOOL:
                # The call is completed even if the client disconnects.
                words = await asyncio.shield(self._note(message["params"]["arguments"]["text"]))
                answer["result"] = {"content": [{"type": "text", "text": words}]}
            case method:
                answer["error"] = {"code": -32601, "message": f"there is no method {method}"}
        return web.json_response(answer)

    async def _note(self, text: str) -> str:
        await asyncio.sleep(BEFORE)
        self.notes.append((time.time(), text))
        await asyncio.sleep(AFTER)
        return "It was noted."


@asynccontextmanager
async def notebook() -> AsyncIterator[Notebook]:
    """Runs a server with an empty notebook on a free loopback port."""
    made = Notebook()
    application = web.Application()
    application.router.add_post("/mcp", made.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/mcp"
        yield made
    finally:
        await runner.cleanup()
