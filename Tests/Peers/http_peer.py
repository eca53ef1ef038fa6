"""An HTTP/1.1 server that behaves well or badly, as the path says, and counts what it sees.

Prints {"port": n}. Connections are numbered from 1; `x-connection` of every response is the number.

/echo                       JSON: method, path, headers (pairs), body, connection
/status?code=n              that status with a Retry-After of 7
/redirect?to=url            302
/interim                    103 with a header of its own, then 200
/trailers                   chunked, with a trailer after the body
/sse?count=n&pause=s        events one by one, chunked
/pieces?sizes=1,2,…         POST: the request's body in chunks of these sizes, repeated, one write each
/big?size=n                 that many bytes; counts `written` as they are accepted by the socket
/stall-head                 no answer until the client is gone; then counts `gone:/stall-head`
/stall-body                 head and "begun", then nothing until the client is gone; counts `gone:/stall-body`
/reset                      promises 1000 bytes, sends 10, resets the connection
/vanish                     resets the connection without a byte
/long-header?size=n         a header of that size, several times
/count                      JSON of all counts
/await?count=name&least=n   as /count, once that count is reached (20 s at most)
/await-still?count=name     as /count, once that count has not changed for half a second
"""

import json
import select
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from peer import hello

counts = Counter()
changed = threading.Condition()


def count(name, by=1):
    with changed:
        counts[name] += by
        changed.notify_all()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        with changed:
            counts["connections"] += 1
            self.number = counts["connections"]
            changed.notify_all()

    def finish(self):
        try:
            super().finish()
        finally:
            count("closed")

    def log_message(self, *_):
        pass

    def answer(self):
        split = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(split.query).items()}
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        count("requests:" + split.path)
        name = "on_" + split.path.strip("/").replace("-", "_")
        try:
            getattr(self, name, self.on_unknown)()
        except (BrokenPipeError, ConnectionResetError):
            count("broken:" + split.path)
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = answer

    def head(self, status=200, length=None, **headers):
        self.send_response(status)
        self.send_header("x-connection", str(self.number))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length is None:
            self.send_header("transfer-encoding", "chunked")
        elif status != 204:
            self.send_header("content-length", str(length))
        self.end_headers()
        self.wfile.flush()

    def json(self, value, status=200, **headers):
        data = json.dumps(value).encode()
        self.head(status, len(data), content_type="application/json", **headers)
        if self.command != "HEAD":
            self.wfile.write(data)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def wait_until_gone(self, name):
        while True:
            readable, _, _ = select.select([self.connection], [], [], 60)
            if not readable or not self.connection.recv(1, socket.MSG_PEEK):
                break
        self.close_connection = True
        count("gone:" + name)

    def on_unknown(self):
        self.json({"error": "no such path"}, 404)

    def on_echo(self):
        headers = [[name.lower(), value] for name, value in self.headers.items()]
        self.json({
            "method": self.command, "path": self.path, "headers": headers,
            "body": self.body.decode(errors="replace"), "connection": self.number,
        })

    def on_status(self):
        self.json({}, int(self.query["code"]), retry_after="7")

    def on_redirect(self):
        self.json({}, 302, location=self.query["to"])

    def on_interim(self):
        self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
        self.json({}, x_double="one")

    def on_trailers(self):
        self.head()
        self.chunk(b"body")
        self.wfile.write(b"0\r\nx-trailer: late\r\n\r\n")

    def on_sse(self):
        self.head(content_type="text/event-stream")
        for index in range(int(self.query.get("count", 3))):
            self.chunk(b"id: %d\ndata: event %d\n\n" % (index, index))
            time.sleep(float(self.query.get("pause", 0)))
        self.chunk(b"")

    def on_pieces(self):
        self.head(content_type="text/event-stream")
        sizes = [int(size) for size in self.query["sizes"].split(",")]
        position, turn = 0, 0
        while position < len(self.body):
            size = sizes[turn % len(sizes)]
            self.chunk(self.body[position:position + size])
            position, turn = position + size, turn + 1
        self.chunk(b"")

    def on_big(self):
        size, block = int(self.query["size"]), bytes(range(256)) * 256
        self.head(200, size)
        for start in range(0, size, len(block)):
            part = block[:size - start]
            self.wfile.write(part)
            count("written", len(part))

    def on_stall_head(self):
        self.wait_until_gone("/stall-head")

    def on_stall_body(self):
        self.head()
        self.chunk(b"begun")
        self.wait_until_gone("/stall-body")

    def on_reset(self):
        self.head(200, 1000)
        self.wfile.write(b"0123456789")
        self.wfile.flush()
        self.on_vanish()

    def on_vanish(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def on_long_header(self):
        self.send_response(200)
        for index in range(8):
            self.send_header("x-long-%d" % index, "v" * int(self.query["size"]))
        self.send_header("content-length", "0")
        self.end_headers()

    def on_count(self):
        with changed:
            found = dict(counts)
        self.json(found)

    def on_await(self):
        name, least = self.query["count"], int(self.query.get("least", 1))
        with changed:
            changed.wait_for(lambda: counts[name] >= least, 20)
        self.on_count()

    def on_await_still(self):
        name = self.query["count"]
        with changed:
            changed.wait_for(lambda: counts[name] > 0, 20)
            while True:
                before = counts[name]
                if not changed.wait_for(lambda: counts[name] != before, 0.5):
                    break
        self.on_count()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        pass  # clients that leave are what the tests are about


server = Server(("127.0.0.1", 0), Handler)
hello(port=server.server_address[1])
server.serve_forever()
