"""A server with the HTTP+SSE transport of 2024-11-05 and with faults, without an SDK. Arguments: modes.

absolute       the endpoint is an absolute URL
elsewhere=PORT the endpoint is on another port
silent         the event stream stays open and names no endpoint
chatty         comments, an event of another name and an empty one come before the endpoint
held           a POST is answered only after the response was sent on the stream
forgets        the second call's session is not known to the endpoint (404); a new stream helps
closes         the event stream ends after the second call; a new stream helps
refuse=STATUS  POST to the URL of the stream is answered with this status (405 without it)
explain        ... and with a JSON-RPC error as its body
nowhere        GET is answered with 404 too
"""

import json
import queue
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

from peer import hello

MODES = {mode.partition("=")[0]: mode.partition("=")[2] for mode in sys.argv[1:]}
SESSIONS = {}
state = {"calls": 0, "streams": 0, "stray": 0}


def answer(message):
    """The result of a request."""
    method = message["method"]
    if method == "initialize":
        return {
            "protocolVersion": "2024-11-05",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "raw", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": [{"name": "count", "inputSchema": {"type": "object"}}]}
    if method == "tools/call":
        state["calls"] += 1
        return {"content": [{"type": "text", "text": f"call {state['calls']}, stream {state['streams']}"}]}
    return {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", kind="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def event(self, name, data):
        self.wfile.write(f"event: {name}\r\ndata: {data}\r\n\r\n".encode())

    def do_GET(self):
        if self.path == "/stray":
            return self.reply(200, json.dumps({"stray": state["stray"]}).encode(), "application/json")
        if "nowhere" in MODES:
            return self.reply(404)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        state["streams"] += 1
        session, messages = uuid.uuid4().hex, queue.Queue()
        SESSIONS[session] = messages
        if "chatty" in MODES:
            self.wfile.write(b": hello\r\n\r\n: ping\n\n")
            self.event("weather", "rain")
            self.wfile.write(b"data:\n\n")
        host = f"http://127.0.0.1:{MODES.get('elsewhere') or self.server.server_port}"
        prefix = host if "absolute" in MODES or "elsewhere" in MODES else ""
        if "silent" not in MODES:
            self.event("endpoint", f"{prefix}/messages?session_id={session}")
        try:
            while True:
                item = messages.get()
                if item is None:
                    break
                message, done = item
                self.event("message", json.dumps(message))
                self.wfile.flush()
                done.set()
        except OSError:
            pass
        self.close_connection = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlparse(self.path)
        if address.path != "/messages":
            error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": "no valid session"}}
            kind = ("application/json", json.dumps(error).encode()) if "explain" in MODES else ("text/html", b"no")
            return self.reply(int(MODES.get("refuse") or 405), kind[1], kind[0])
        session = parse_qs(address.query).get("session_id", [""])[0]
        messages = SESSIONS.get(session)
        if messages is None:
            state["stray"] += 1
            return self.reply(404, b"Could not find session")
        message = json.loads(body)
        if message.get("method") == "tools/call" and state["calls"] == 1 and state["streams"] == 1:
            if "forgets" in MODES:
                del SESSIONS[session]
                return self.reply(404, b"Could not find session")
            if "closes" in MODES:
                self.reply(202, b"Accepted")
                return messages.put(None)
        done = threading.Event()
        if "held" not in MODES:
            self.reply(202, b"Accepted")
        if "id" in message and "method" in message:
            messages.put(({"jsonrpc": "2.0", "id": message["id"], "result": answer(message)}, done))
        else:
            done.set()
        if "held" in MODES:
            done.wait(10)
            self.reply(200, b"ok")


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hello(port=server.server_port)
    server.serve_forever()


main()
