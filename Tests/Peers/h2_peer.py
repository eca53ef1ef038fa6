"""An HTTPS server that speaks HTTP/2 and HTTP/1.1, with certificates of an authority made for this run.

Argument: an existing folder for the certificates. Prints {"port": n, "ca": path}.

/echo        JSON: version of HTTP, connection (the client's port), body
/big?size=n  that many bytes
/release     lets /wait answer
/wait        answers after /release
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
from urllib.parse import parse_qs

from hypercorn.asyncio import serve
from hypercorn.config import Config

from peer import hello

folder = sys.argv[1]


def at(name):
    return os.path.join(folder, name)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificates():
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=Test authority",
            "-keyout", at("ca.key"), "-out", at("ca.pem"))
    openssl("req", *key, "-subj", "/CN=localhost", "-keyout", at("server.key"), "-out", at("server.csr"))
    with open(at("names"), "w") as names:
        names.write("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", at("server.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"),
            "-CAcreateserial", "-days", "2", "-extfile", at("names"), "-out", at("server.pem"))


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": kind + ".complete"})
            if kind == "lifespan.shutdown":
                return
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/big":
        left = int(parse_qs(scope["query_string"].decode())["size"][0])
        while left > 0:
            part = min(left, 65536)
            await send({"type": "http.response.body", "body": b"b" * part, "more_body": True})
            left -= part
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["path"] == "/release":
        released.set()
    if scope["path"] == "/wait":
        await released.wait()
    answer = {"version": scope["http_version"], "connection": scope["client"][1], "body": body.decode()}
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


make_certificates()
released = asyncio.Event()
listener = socket.create_server(("127.0.0.1", 0), backlog=256)
config = Config()
config.bind = ["fd://%d" % listener.fileno()]
config.certfile, config.keyfile = at("server.pem"), at("server.key")
config.loglevel = "CRITICAL"
hello(port=listener.getsockname()[1], ca=at("ca.pem"))
asyncio.run(serve(application, config))
