"""One conversation of the Python library `websockets` as client; the first line of output is what came of it.

Usage: websocket_client.py SCENARIO URL
"""

import asyncio
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from peer import hello


async def echo(url):
    async with connect(url, max_size=None) as ws:
        answers = []
        for message in ["hello", "é" * 40000, ["frag", "men", "ted"], b"\x00\xff"]:
            await ws.send(message)
            answer = await ws.recv()
            answers.append(answer if isinstance(answer, str) else list(answer))
        await ws.close(4321, "done")
        return {"answers": answers, "code": ws.close_code, "extensions": [e.name for e in ws.protocol.extensions]}


async def until_closed(url):
    messages = []
    async with connect(url) as ws:
        try:
            while True:
                messages.append(await ws.recv())
        except ConnectionClosed:
            return {"messages": messages, "code": ws.close_code, "reason": ws.close_reason}


async def ping(url):
    async with connect(url) as ws:
        latency = await (await ws.ping(b"hi"))
        return {"latency": latency}


async def unanswered_ping(url):
    async with connect(url, ping_interval=0.2, ping_timeout=0.5, close_timeout=0.5) as ws:
        try:
            await ws.recv()
        except ConnectionClosed as closed:
            return {"error": str(closed)}


async def too_large(url):
    async with connect(url) as ws:
        await ws.send("x" * 5000)
        await ws.wait_closed()
        return {"code": ws.close_code, "reason": ws.close_reason}


async def bad_utf8(url):
    async with connect(url) as ws:
        async with ws.send_context():
            ws.protocol.send_text(b"\xff", fin=True)
        await ws.wait_closed()
        return {"code": ws.close_code}


async def main():
    try:
        result = await globals()[sys.argv[1]](sys.argv[2])
    except InvalidStatus as refusal:
        result = {"status": refusal.response.status_code}
    hello(**result)
    await asyncio.sleep(3600)


asyncio.run(main())
