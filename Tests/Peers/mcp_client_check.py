"""The official client (mcp 2.x or 1.x) on this process's own standard input and output: the test is its server.

Writes what it found, or why it got stuck, to standard error; what it found is one JSON object.
"""

import asyncio
import json
import os
import sys

from mcp import ClientSession
from mcp.server.stdio import stdio_server
from mcp.types import PaginatedRequestParams


async def talk(session):
    """Initializes, lists all pages, calls; returns what came."""
    hello = await session.initialize()
    found = {"hello": hello.model_dump(mode="json", by_alias=True)}
    await session.send_ping()
    found["tools"], cursor = [], None
    while True:
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        page = page.model_dump(mode="json", by_alias=True)
        found["tools"] += [tool["name"] for tool in page["tools"]]
        cursor = page.get("nextCursor")
        if cursor is None:
            break

    async def call(name, arguments):
        try:
            result = await session.call_tool(name, arguments)
            return result.model_dump(mode="json", by_alias=True, exclude_none=True)
        except Exception as error:  # a protocol error
            return {"error": str(error)}

    found["good"] = await call("greet", {"name": "Ada"})
    found["bad"] = await call("greet", {"name": 7})
    found["unknown"] = await call("nothing", {})
    return found


async def main():
    async with stdio_server() as (incoming, outgoing), ClientSession(incoming, outgoing) as session:
        try:
            async with asyncio.timeout(30):
                report = json.dumps(await talk(session))
        except BaseException as error:
            report = repr(error)
        print(report, file=sys.stderr, flush=True)
        os._exit(0)  # leaving in order would wait for the end of an input that the server keeps open


asyncio.run(main())
