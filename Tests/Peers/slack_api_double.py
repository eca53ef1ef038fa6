"""Slack's Web API for one test: scripted responses by method, and a journal of the calls.

Prints {"port": n}. `POST /api/<method>` is a call of that method, `POST /hook/<anything>` one of `response_url`.
Each call is written to the journal as it arrives, before anything else happens to it.

/_script    POST {method: [reply, …]}: queues replies, of which each call takes one; without one, see `usual`
/_journal   the calls: method, at (seconds), connection, body (decoded JSON or form), authorization, type
/_await?method=m&least=n    as /_journal, once there are n calls of the method (20 s at most)

A reply: {body, status, retry_after, delay, close}. `body` is sent as JSON, a string as it is. `delay` is in seconds.
`close` true resets the connection instead of a response.
"""

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, parse_qs, urlsplit

from peer import hello

scripts = {}
calls = []
connections = 0
changed = threading.Condition()


def usual(method, body, number):
    """A success of the method; each posted message has another ts."""
    answer = {"ok": True}
    if method == "chat.postMessage":
        answer |= {"channel": body.get("channel"), "ts": "1700000000.%06d" % number}
    if method in ("conversations.history", "conversations.replies"):
        answer |= {"messages": []}
    if method == "auth.test":
        answer |= {"team_id": "T1", "team": "Acme", "user_id": "U0OMNI", "bot_id": "B0OMNI", "url": ""}
    return answer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        global connections
        super().setup()
        with changed:
            connections += 1
            self.number = connections

    def log_message(self, *_):
        pass

    def do_GET(self):
        split = urlsplit(self.path)
        if split.path == "/_await":
            query = {name: values[0] for name, values in parse_qs(split.query).items()}
            least = int(query.get("least", 1))
            with changed:
                changed.wait_for(lambda: sum(call["method"] == query["method"] for call in calls) >= least, 20)
        with changed:
            journal = list(calls)
        self.send({"calls": journal})

    def do_POST(self):
        received = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        if self.path == "/_script":
            with changed:
                for method, replies in json.loads(received).items():
                    scripts.setdefault(method, []).extend(replies)
            return self.send({})
        parts = self.path.strip("/").split("/", 1)
        method = "response_url" if parts[0] == "hook" else parts[-1]
        kind = self.headers.get("content-type") or ""
        body = json.loads(received) if "json" in kind else dict(parse_qsl(received))
        with changed:
            calls.append({
                "method": method, "at": time.monotonic(), "connection": self.number, "body": body,
                "authorization": self.headers.get("authorization"), "type": kind,
            })
            number = len(calls)
            queue = scripts.get(method) or [{}]
            reply = queue.pop(0)
            changed.notify_all()
        self.answer(reply, method, body, number)

    def answer(self, reply, method, body, number):
        time.sleep(reply.get("delay", 0))
        if reply.get("close"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        content = reply.get("body", usual(method, body, number))
        headers = {"Retry-After": str(reply["retry_after"])} if "retry_after" in reply else {}
        self.send(content, reply.get("status", 200), headers)

    def send(self, content, status=200, headers=None):
        data = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        pass  # clients that leave, and connections that the script closes


server = Server(("127.0.0.1", 0), Handler)
hello(port=server.server_address[1])
server.serve_forever()
