"""The official client (mcp 2.x or 1.x) on this process's own standard input and output: the test is its server.

Writes what it found as one JSON object to standard error; ends with 0 when it got through.
"""

import asyncio
import json
import os
import sys

from mcp import ClientSession
from mcp.server.stdio import stdio_server


async def main():
    found = {}
    async with stdio_server() as (incoming, outgoing):
        async with ClientSession(incoming, outgoing) as session:
            hello = await session.initialize()
            found["hello"] = hello.model_dump(mode="json", by_alias=True)
            await session.send_ping()
            names, cursor = [], None
            while True:
                page = (await session.list_tools(cursor=cursor)).model_dump(mode="json", by_alias=True)
                names += [tool["name"] for tool in page["tools"]]
                cursor = page.get("nextCursor")
                if cursor is None:
                    break
            found["tools"] = names

            async def call(name, arguments):
                result = await session.call_tool(name, arguments)
                return result.model_dump(mode="json", by_alias=True, exclude_none=True)

            found["good"] = await call("greet", {"name": "Ada"})
            found["bad"] = await call("greet", {"name": 7})
            try:
                found["unknown"] = await call("nothing", {})
            except Exception as error:  # either is legal
                found["unknown"] = str(error)
            sys.stderr.write(json.dumps(found) + "\n")
            sys.stderr.flush()
            os._exit(0)  # the transport would wait for the end of an input that its server keeps open


asyncio.run(main())
