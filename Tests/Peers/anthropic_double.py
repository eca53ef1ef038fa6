"""A strict double of the Anthropic Messages API: it refuses what the API refuses and streams as the API does.

    anthropic_double.py [--mode ops] [--key KEY]

The first line of output is {"port": …}. Replies are scripted with POST /_script {"replies": [reply, …]}; they are
used up in their order by valid requests, or with "by_turn": true chosen by the number of turns that the model has had in
the conversation, so that a caller which was restarted goes on where it was. A reply is an object with any of

    text, thinking, redacted, calls [{name, input | raw_input, id?}]   what the model says, in that order
    blocks                                            instead of those: content blocks as they are
    refuse                                            instead of those: a 400 with these words
    stop, stop_details, model, output_tokens          as in the API's answer
    delay                                             seconds before the first event
    pause                                             seconds of silence after `after_events` events
    quiet                                             true: signs of life without content before each event
    fault, after_events, retry_after, retry_after_ms, should_retry     how it breaks:
        one of anthropic_replies.FAULTS, html_502, html_200, drop     before any event;
        error_event (error_type), stall, pings, truncate, reset        after so many events;
        cut_tool, invalid_json                                         a last call whose input breaks off or is no JSON

GET /_journal gives the requests so far (path, headers without keys, body, status, what changed in blocks that were
sent back); POST /_reset forgets script, journal and memory. With `--mode ops` and no script it answers by itself.
"""

import argparse
import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anthropic_ops
import peer
from anthropic_memory import Memory, tokens
from anthropic_replies import COUNTER, FAULTS, QUIET, blocks_of, error_body, events, frame, message
from anthropic_rules import ALIASES, MODELS, Refused, check_body, check_headers, need, parse

SECRET_HEADERS = ("x-api-key", "authorization")
PING = {"type": "ping"}


class State:
    def __init__(self, mode, key):
        self.mode, self.key = mode, key
        self.reset()

    def reset(self):
        self.lock = threading.Lock()
        self.script, self.journal, self.by_turn = [], [], False
        self.memory = Memory()

    def reply(self, body):
        with self.lock:
            if self.script and self.by_turn:
                turn = sum(1 for message in body["messages"] if message["role"] == "assistant")
                return self.script[min(turn, len(self.script) - 1)]
            if self.script:
                return self.script.pop(0)
        if self.mode == "ops":
            return anthropic_ops.reply(body)
        return {"text": "No reply was scripted."}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 0
    disable_nagle_algorithm = True
    state = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/_journal":
            with self.state.lock:
                return self.json(200, {"requests": list(self.state.journal)})
        self.guarded(self.models)

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/_script":
            with self.state.lock:
                wanted = json.loads(raw)
                self.state.script += wanted["replies"]
                self.state.by_turn = wanted.get("by_turn", False)
            return self.json(200, {"queued": len(self.state.script)})
        if self.path == "/_reset":
            self.state.reset()
            return self.json(200, {})
        if self.path.split("?")[0] == "/v1/messages/count_tokens":
            return self.guarded(self.count, raw)
        self.guarded(self.messages, raw)

    def guarded(self, answer, *arguments):
        self.request_id = f"req_{next(COUNTER):06}"
        self.entry = {"path": self.path, "headers": {
            name.lower(): value for name, value in self.headers.items() if name.lower() not in SECRET_HEADERS},
            "key_header": [name for name in SECRET_HEADERS if self.headers.get(name)], "status": 200}
        with self.state.lock:
            self.state.journal.append(self.entry)
        try:
            answer(*arguments)
        except Refused as error:
            self.refuse(error.status, error_body(error.kind, error.message, error.code, self.request_id))
        except (BrokenPipeError, ConnectionResetError):
            self.entry["closed_by_client"] = True
            self.close_connection = True

    def checked(self, raw, counting=False):
        lower = {name.lower(): value for name, value in self.headers.items()}
        version = check_headers(lower, self.state.key)
        need(lower.get("content-type", "").startswith("application/json"), "content-type must be application/json")
        body = parse(raw)
        self.entry["body"] = body
        self.entry["size"] = len(raw)
        properties = check_body(body, version, counting)
        self.state.memory.check_thinking(body, properties)
        self.entry["changes"] = self.state.memory.echo(body, raw.decode())
        return body, properties

    def count(self, raw):
        body, _ = self.checked(raw, counting=True)
        self.json(200, {"input_tokens": tokens([body["messages"], body.get("system"), body.get("tools")])})

    def models(self):
        check_headers({name.lower(): value for name, value in self.headers.items()}, self.state.key)
        path = self.path.split("?")[0]
        rows = [{"type": "model", "id": name, "display_name": name, "created_at": "2026-09-22T00:00:00Z",
                 "lifecycle": "active", "max_input_tokens": one["context"], "max_tokens": one["output"]}
                for name, one in MODELS.items()]
        if path == "/v1/models":
            return self.json(200, {"data": rows, "has_more": False, "first_id": rows[0]["id"],
                                   "last_id": rows[-1]["id"]})
        name = path.removeprefix("/v1/models/")
        row = next((row for row in rows if row["id"] == ALIASES.get(name, name)), None)
        need(row, f"model: {name}", status=404, kind="not_found_error")
        self.json(200, row)

    def messages(self, raw):
        need(self.path.split("?")[0] == "/v1/messages", "Not Found", status=404, kind="not_found_error")
        body, properties = self.checked(raw)
        reply = self.state.reply(body)
        time.sleep(reply.get("delay", 0))
        need("refuse" not in reply, reply.get("refuse"))
        fault = reply.get("fault")
        if fault in FAULTS:
            status, kind, words, code = FAULTS[fault]
            words += reply.get("add", "")
            return self.refuse(status, error_body(kind, words, code, self.request_id), reply)
        if fault in ("html_502", "html_200"):
            status = int(fault[-3:])
            self.entry["status"] = status
            return self.answer(status, "text/html", b"<html><body>cloudflare</body></html>")
        if fault == "drop":
            self.close_connection = True
            return
        if fault == "cut_tool":
            reply = {**reply, "stop": "max_tokens"}
        usage = self.state.memory.usage(body, properties)
        display = (body.get("thinking") or {}).get("display", "omitted")
        blocks, raws = blocks_of(reply, properties["speaks"], display)
        for block in blocks:
            if block["type"] == "thinking":
                self.state.memory.sign(body, block)
        whole = message(reply, body, blocks, usage)
        if fault in (None, "invalid_json", "cut_tool"):
            self.state.memory.issue(body, whole["content"], raws)
        if body.get("stream"):
            return self.stream(reply, list(events(reply, whole, blocks, usage)))
        self.json(200, whole)

    def stream(self, reply, rows):
        self.send_response(200)
        self.common("text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        before = QUIET if reply.get("quiet") else b""
        fault, limit = reply.get("fault"), reply.get("after_events", 3)
        breaks = fault in ("error_event", "stall", "pings", "truncate", "reset")
        if "pause" in reply:
            self.chunks(b"".join(before + frame(row) for row in rows[:limit]))
            time.sleep(reply["pause"])
            rows = rows[limit:]
        self.chunks(b"".join(before + frame(row) for row in (rows[:limit] if breaks else rows)))
        if fault == "error_event":
            kind = reply.get("error_type", "overloaded_error")
            self.chunks(frame(error_body(kind, "Overloaded", None, self.request_id)))
        elif fault in ("stall", "pings"):
            self.linger(fault == "pings")
        elif fault == "reset":
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def chunks(self, data):
        """Sends bytes in pieces that respect neither events nor characters."""
        source = random.Random(len(data))
        while data:
            size = source.randint(1, 60)
            piece, data = data[:size], data[size:]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def linger(self, pinging):
        """Says nothing more, until the client has gone."""
        self.connection.settimeout(0.05)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if pinging:
                self.chunks(frame(PING))
            try:
                if not self.connection.recv(1):
                    self.entry["closed_by_client"] = True
                    break
            except TimeoutError:
                pass
        self.close_connection = True

    def refuse(self, status, body, reply=None):
        self.entry["status"] = status
        self.entry["error"] = body["error"]["message"]
        extra = []
        for field, header in (("retry_after", "retry-after"), ("retry_after_ms", "retry-after-ms"),
                              ("should_retry", "x-should-retry")):
            if field in (reply or {}):
                extra.append((header, str(reply[field])))
        self.answer(status, "application/json", json.dumps(body).encode(), extra)

    def json(self, status, value):
        self.answer(status, "application/json", json.dumps(value, ensure_ascii=False).encode())

    def answer(self, status, kind, data, extra=()):
        self.send_response(status)
        self.common(kind)
        for name, value in extra:
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def common(self, kind):
        self.send_header("content-type", kind)
        self.send_header("request-id", getattr(self, "request_id", "req_control"))
        self.send_header("anthropic-ratelimit-requests-remaining", "999")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["script", "ops"], default="script")
    parser.add_argument("--key", help="the only key that is accepted; any, when absent")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    Handler.state = State(options.mode, options.key)
    server = Server(("127.0.0.1", options.port), Handler)
    peer.hello(port=server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    main()
