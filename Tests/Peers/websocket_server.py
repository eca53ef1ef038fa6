"""A WebSocket server of the Python library `websockets`; the path chooses what it does to the client."""

import asyncio
import json
import ssl
import sys
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import serve

from peer import hello

reports = {}


async def behave(ws):
    url = urlsplit(ws.request.path)
    query = dict(parse_qsl(url.query))
    report = reports.setdefault(query.get("name", ""), {"received": 0, "sent": 0})
    try:
        if url.path == "/echo":
            async for message in ws:
                report["received"] += 1
                await ws.send(message)
        elif url.path == "/fragments":
            await ws.send(["part ", "by ", "part: ", "é" * 20000])
            await ws.wait_closed()
        elif url.path == "/drop":
            await ws.recv()
            ws.transport.abort()
        elif url.path == "/close":
            await ws.close(int(query["code"]), query["reason"])
        elif url.path == "/big":
            await ws.send("x" * int(query["bytes"]))
            await ws.wait_closed()
        elif url.path == "/headers":
            await ws.send(json.dumps({name.lower(): value for name, value in ws.request.headers.raw_items()}))
        elif url.path == "/flood":
            for number in range(int(query["count"])):
                await ws.send(f"{number:06}" + "x" * 65530)
                report["sent"] += 1
            await ws.close()
        elif url.path == "/bad-utf8":
            async with ws.send_context():
                ws.protocol.send_text(b"fine \xff\xfe", fin=True)
            await ws.wait_closed()
        elif url.path == "/ping":
            pong = await ws.ping(b"are you there")
            await ws.send(f"{await pong >= 0}")
        elif url.path == "/report":
            await ws.send(json.dumps(reports.get(query["of"], {})))
    finally:
        report["closeCode"] = ws.close_code
        report["closeReason"] = ws.close_reason


def refuse(connection, request):
    path = urlsplit(request.path).path
    if path.startswith("/status/"):
        return connection.respond(int(path.removeprefix("/status/")), "no\n")


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
    options = {"process_request": refuse, "ssl": context, "max_size": 64 << 20, "ping_interval": None}
    async with serve(behave, "127.0.0.1", 0, **options) as server:
        hello(port=server.sockets[0].getsockname()[1])
        await server.serve_forever()


asyncio.run(main())
