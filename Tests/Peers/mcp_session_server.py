"""A streamable HTTP MCP server without any SDK: as strict as the official ones on requests, odd as its arguments say.

Arguments: [port] and any of
  lost=STATUS:CODE:TEXT   how a request of an unknown session is answered: the HTTP status, and the code and the message
                          of the JSON-RPC error, or with an empty CODE the text alone. Default 404:-32001:Session not found
  stateless               no session ids
  polling                 2025-11-25: a POST's stream sends an id, a retry time and empty data, and closes; the result
                          comes on GET with Last-Event-ID, after as many empty ones as the call says
  listen=close            a listening GET is answered, and closed at once
  listen=none             405 (default)
  deaf=N                  with lost: `initialize` succeeds N times, then it is refused as well

Prints {"port": n}. GET /_counts has the counts, POST /_forget forgets every session.

Tools: `add` and `count` (counts its calls), and those of `Bytes` below, whose results are written as servers in other
languages write them.
"""

import json
import secrets
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from peer import hello

VERSIONS = ("2025-03-26", "2025-06-18", "2025-11-25")
OPTIONS = dict(argument.partition("=")[::2] for argument in sys.argv[1:] if not argument.isdigit())
LOST = OPTIONS.get("lost", "404:-32001:Session not found").split(":", 2)

lock = threading.Lock()
counts = Counter()
sessions = {}  # id -> "opened" before notifications/initialized, "ready" after it
waiting = {}  # event id -> [GETs that bring nothing, the response]
listened = []  # the times of the listening GETs


def count(name):
    with lock:
        counts[name] += 1


def text(words):
    return {"content": [{"type": "text", "text": words}]}


class Refused(Exception):
    def __init__(self, status, code, message, identifier=None):
        super().__init__(message)
        self.status, self.code, self.message, self.identifier = status, code, message, identifier


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def respond(self, status, kind, data, headers=()):
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, error):
        if error.code is None:
            return self.respond(error.status, "text/plain", error.message.encode())
        body = {"jsonrpc": "2.0", "error": {"code": error.code, "message": error.message}, "id": error.identifier}
        self.respond(error.status, "application/json", json.dumps(body).encode())

    def lost(self):
        status, code, message = LOST
        return Refused(int(status), int(code) if code else None, message)

    def check_session(self, needs_ready=True):
        """As the official servers: a version that is known, a session that is known and was initialised."""
        version = self.headers.get("MCP-Protocol-Version")
        if version is not None and version not in VERSIONS:
            raise Refused(400, -32000, f"Bad Request: Unsupported protocol version: {version}")
        identifier = "" if "stateless" in OPTIONS else self.headers.get("Mcp-Session-Id")
        if identifier is None:
            raise Refused(400, -32600, "Bad Request: Missing session ID")
        with lock:
            state = sessions.get(identifier)
        if state is None:
            count("unknown")
            raise self.lost()
        if needs_ready and state != "ready":
            raise Refused(400, -32602, "Received request before initialization was complete")
        return identifier

    def do_GET(self):
        if self.path == "/_counts":
            with lock:
                times = [at - listened[0] for at in listened]
                return self.respond(200, "application/json", json.dumps({**counts, "listened": times}).encode())
        try:
            if "text/event-stream" not in self.headers.get("Accept", ""):
                raise Refused(406, -32000, "Not Acceptable: Client must accept text/event-stream")
            self.check_session()
            if self.headers.get("Last-Event-ID"):
                return self.resume(self.headers["Last-Event-ID"])
            if OPTIONS.get("listen") != "close":
                return self.respond(405, None, b"", [("Allow", "POST, DELETE")])
            with lock:
                listened.append(time.monotonic())
            self.stream(b"id: l%d\nretry: 100\ndata:\n\n" % len(listened))
        except Refused as error:
            self.refuse(error)

    def resume(self, event):
        """The rest of a stream that was closed; after the id of another stream, nothing."""
        count("resumed")
        if event.startswith("l"):
            with lock:
                listened.append(time.monotonic())
            return self.stream(b"retry: 100\n\n")
        with lock:
            row = waiting.get(event)
            if row and row[0] > 0:
                row[0] -= 1
                count_of_event, response = row[0], None
            else:
                response = waiting.pop(event)[1] if row else None
        if row is None:
            raise Refused(400, -32000, "Bad Request: Invalid event ID")
        if response is None:
            return self.stream(b": nothing yet (%d)\n\n" % count_of_event)
        self.stream(b"event: message\nid: %s-end\ndata: %s\n\n" % (event.encode(), json.dumps(response).encode()))

    def stream(self, data):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def do_DELETE(self):
        with lock:
            sessions.pop(self.headers.get("Mcp-Session-Id"), None)
        self.respond(200, None, b"")

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/_forget":
            with lock:
                sessions.clear()
            return self.respond(200, None, b"")
        try:
            accept = self.headers.get("Accept", "")
            if "application/json" not in accept or "text/event-stream" not in accept:
                raise Refused(406, -32000, "Not Acceptable: Client must accept both JSON and event streams")
            if not self.headers.get("Content-Type", "").startswith("application/json"):
                raise Refused(415, -32000, "Unsupported Media Type")
            self.message(json.loads(raw))
        except Refused as error:
            self.refuse(error)

    def message(self, message):
        method, identifier = message.get("method"), message.get("id")
        if method == "initialize":
            return self.initialize(identifier)
        session = self.check_session(needs_ready=method not in ("notifications/initialized", "ping"))
        if identifier is None:
            if method == "notifications/initialized":
                with lock:
                    sessions[session] = "ready"
            return self.respond(202, None, b"")
        count(method)
        if method == "ping":
            return self.result(identifier, {})
        if method == "tools/list":
            tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ["add", "count", *BYTES]]
            return self.result(identifier, {"tools": tools})
        if method == "tools/call":
            return self.call(identifier, message["params"]["name"], message["params"].get("arguments") or {})
        self.respond(200, "application/json", json.dumps({"jsonrpc": "2.0", "id": identifier, "error": {
            "code": -32601, "message": "Method not found"}}).encode())

    def initialize(self, identifier):
        count("initialize")
        if self.headers.get("Mcp-Session-Id"):
            raise Refused(400, -32600, "Invalid Request: Server already initialized")
        if "deaf" in OPTIONS and counts["initialize"] > int(OPTIONS["deaf"]):
            raise Refused(503, -32000, "Service Unavailable")
        session = "" if "stateless" in OPTIONS else secrets.token_hex(16)
        with lock:
            sessions[session] = "opened"
        body = {"jsonrpc": "2.0", "id": identifier, "result": {
            "protocolVersion": "2025-11-25", "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": "sessions", "version": "0"}}}
        headers = [("Mcp-Session-Id", session)] if session else []
        self.respond(200, "application/json", json.dumps(body).encode(), headers)

    def result(self, identifier, result):
        response = {"jsonrpc": "2.0", "id": identifier, "result": result}
        self.respond(200, "application/json", json.dumps(response).encode())

    def call(self, identifier, name, arguments):
        count(f"call {name}")
        if name in BYTES:
            kind, data = BYTES[name]
            data = data.replace(b"ID", json.dumps(identifier).encode())
            if kind == "open":
                return self.hold(data)
            return self.respond(200, kind, data)
        if name == "count":
            result = text(str(counts["call count"]))
        else:
            result = text(str(arguments.get("a", 0) + arguments.get("b", 0)))
        if "polling" not in OPTIONS:
            return self.result(identifier, result)
        event = f"e{identifier}"
        with lock:
            waiting[event] = [arguments.get("empty", 0), {"jsonrpc": "2.0", "id": identifier, "result": result}]
        self.stream(b"id: %s\nretry: 300\ndata:\n\n" % event.encode())

    def hold(self, data):
        """An event stream that stays open after its event."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()
        self.connection.settimeout(60)
        try:
            self.connection.recv(1)
        except OSError:
            pass


JSON = "application/json"
BYTES = {
    "bom": (JSON, b'\xef\xbb\xbf{"jsonrpc":"2.0","id":ID,"result":{"content":[{"type":"text","text":"marked"}]}}'),
    "utf16": (JSON, b"\xff\xfe" + '{"jsonrpc":"2.0","id":null,"result":{"content":[{"type":"text","text":"wide"}]}}'
              .encode("utf-16-le")),
    "latin1": (JSON, b'{"jsonrpc":"2.0","id":ID,"result":{"content":[{"type":"text","text":"caf\xe9"}]}}'),
    "nan": (JSON, b'{"jsonrpc":"2.0","id":ID,"result":{"content":[],"structuredContent":{"p99":NaN}}}'),
    "null_id": (JSON, b'{"jsonrpc":"2.0","id":null,"result":{"content":[{"type":"text","text":"for nobody"}]}}'),
    "null_error": (JSON, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the disk is full"}}'),
    "untyped": ("text/plain", b'{"jsonrpc":"2.0","id":ID,"result":{"content":[{"type":"text","text":"plain"}]}}'),
    "event_null_id": ("text/event-stream", b": hello\n\nevent: ping\ndata: x\n\ndata:\n\ndata: {\"jsonrpc\":\"2.0\",\"id\""
                      b":null,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"streamed\"}]}}\n\n"),
    "cut": (JSON, b'{"jsonrpc":"2.0","id":ID,"result":{"content":['),
    "event_cut": ("open", b'data: {"jsonrpc":"2.0","id":ID,"result":{"content":[\n\n'),
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    port = next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), 0)
    server = Server(("127.0.0.1", port), Handler)
    hello(port=server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
