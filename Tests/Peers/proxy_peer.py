"""An HTTP proxy: absolute-form requests and CONNECT.

Argument (optional): a port of 127.0.0.1 where every plain request goes, whatever host it names. CONNECT goes to the
port that it names, on 127.0.0.1. Prints {"port": n}.

GET /seen (origin form) answers with the JSON array of the request lines that were proxied.
"""

import http.client
import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from peer import hello

target = int(sys.argv[1]) if len(sys.argv) > 1 else None
seen = []


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, data):
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_CONNECT(self):
        seen.append(self.requestline)
        host, _, port = self.path.rpartition(":")
        if host == "forbidden.invalid":
            return self.reply(403, b"")
        upstream = socket.create_connection(("127.0.0.1", int(port)))
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\nx-proxy: tunnel\r\n\r\n")
        back = threading.Thread(target=pump, args=(upstream, self.connection), daemon=True)
        back.start()
        pump(self.connection, upstream)
        back.join()
        self.close_connection = True

    def forward(self):
        if self.path == "/seen":
            return self.reply(200, json.dumps(seen).encode())
        seen.append(self.requestline)
        split = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        upstream = http.client.HTTPConnection("127.0.0.1", target)
        path = split.path + ("?" + split.query if split.query else "")
        upstream.request(self.command, path, body, {"x-proxied-host": split.netloc})
        answer = upstream.getresponse()
        self.reply(answer.status, answer.read())

    do_GET = do_POST = forward


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
hello(port=server.server_address[1])
server.serve_forever()
