"""The tools of one MCP server over stdio, in one session."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from .prompt import CACHED, fenced
from .question import ToolCall


class Tools:
    """The tools, named `server__tool` for the model, whose tool names must not contain dots."""

    def __init__(self, server: str, session: ClientSession, definitions: list[dict[str, Any]]) -> None:
        self._server = server
        self._session = session
        self.definitions = definitions
        """Tool definitions for the Messages API, with a cache breakpoint at the last one."""

    @classmethod
    @asynccontextmanager
    async def open(cls, server: str, command: str, args: list[str]) -> AsyncIterator["Tools"]:
        async with stdio_client(StdioServerParameters(command=command, args=args)) as streams:
            async with ClientSession(*streams) as session:
                await session.initialize()
                listed = (await session.list_tools()).tools
                definitions: list[dict[str, Any]] = [
                    {"name": f"{server}__{tool.name}", "description": tool.description or "",
                     "input_schema": tool.input_schema} for tool in sorted(listed, key=lambda tool: tool.name)]
                if definitions:
                    definitions[-1]["cache_control"] = CACHED
                yield cls(server, session, definitions)

    async def call(self, wire_name: str, arguments: dict[str, Any]) -> tuple[str, ToolCall]:
        """The text of the result, marked as untrusted, and the call for the store. A failure is a result as well."""
        name = wire_name.removeprefix(f"{self._server}__")
        start = time.monotonic()
        try:
            result = await self._session.call_tool(name, arguments)
            text = "\n".join(block.text for block in result.content if block.type == "text")
            status = "failed" if result.is_error else "succeeded"
        except Exception as error:
            text, status = f"The call failed: {error}", "failed"
        tool = f"{self._server}.{name}"
        ms = round((time.monotonic() - start) * 1000)
        return fenced(tool, text), ToolCall(tool, arguments, status, ms, len(text.encode()))
