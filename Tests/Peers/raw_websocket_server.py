"""Servers that break the rules: the path chooses how. Frames from the client are read and thrown away."""

import asyncio
import base64
import hashlib
import json

from peer import hello

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
reports = {}


def frame(opcode, payload):
    assert len(payload) < 126
    return bytes([0x80 | opcode, len(payload)]) + payload


async def until_end(reader, report):
    report["bytes"] = 0
    try:
        while data := await reader.read(65536):
            report["bytes"] += len(data)
        report["end"] = "eof"
    except ConnectionResetError:
        report["end"] = "reset"


async def behave(reader, writer):
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return
    path = head.split()[1].decode()
    report = reports.setdefault(path, {})
    key = next(line.split()[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
    report["offeredExtensions"] = b"sec-websocket-extensions" in head.lower()
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    if path.startswith("/report/"):
        other = reports.get("/" + path.removeprefix("/report/"), {})
    mode = path.split("-")[0]
    if mode == "/mute":
        await until_end(reader, report)
    elif mode == "/hangup":
        writer.close()
        return
    elif mode == "/garbage":
        writer.write(b"220 this is not HTTP\r\n\r\n")
        await until_end(reader, report)
    else:
        if mode == "/badaccept":
            accept = b"bm90IHRoZSByaWdodCBhbnN3ZXI="
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        if path.startswith("/report/"):
            writer.write(frame(1, json.dumps(other).encode()))
        if mode == "/chatter":
            reading = asyncio.create_task(until_end(reader, report))
            while not reading.done():
                writer.write(frame(1, b"blah"))
                await asyncio.sleep(0.05)
        if mode == "/stall":
            await asyncio.sleep(3600)
        if mode == "/slackclose":
            writer.write(frame(8, (1000).to_bytes(2, "big") + b"bye"))
        await until_end(reader, report)
    writer.close()


async def main():
    server = await asyncio.start_server(behave, "127.0.0.1", 0, limit=4096)
    hello(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
