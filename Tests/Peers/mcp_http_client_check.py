"""The official client (mcp 2.x) against a streamable HTTP endpoint whose URL is the first argument.

Prints what it found as one JSON object, and ends with 0 when it got through.
"""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


async def main(url):
    found = {}
    async with streamable_http_client(url) as (incoming, outgoing):
        async with ClientSession(incoming, outgoing) as session:
            hello = await session.initialize()
            found["hello"] = hello.model_dump(mode="json", by_alias=True)
            tools = (await session.list_tools()).model_dump(mode="json", by_alias=True)["tools"]
            found["tools"] = {tool["name"]: tool["annotations"] for tool in tools}

            async def call(name, arguments):
                result = await session.call_tool(name, arguments)
                return result.model_dump(mode="json", by_alias=True, exclude_none=True)

            found["good"] = await call("list_deploys", {"service": "checkout", "hours": 24})
            found["wrong"] = await call("list_deploys", {"service": "chekout"})
            found["changed"] = await call("kill_session", {"session": 8123})
            found["after"] = await call("list_blocked_sessions", {})
    print(json.dumps(found), flush=True)


asyncio.run(main(sys.argv[1]))
