"""A stdio MCP server that writes its messages as servers in other languages do, byte by byte.

Arguments, any of: bom (a byte order mark before the first line), crlf, float-ids (the ids of all responses as `1.0`),
text-ids (as "1"), id-last (the id after the result), leave (ends after the first call, whose line it does not end).

Each tool writes its own result in the way of its name; `cut` and `cut_last` write what cannot be read. Calls of `wait`
are never answered.
"""

import json
import sys

MODES = set(sys.argv[1:])
out = sys.stdout.buffer
state = {"first": True}

TOOLS = ["plain", "latin1", "nan", "numbers", "control", "null_id", "null_result_id", "prefixed", "double", "cut",
         "cut_last", "cut_quote", "neither", "text_error", "wait"]


def write(data, end=True):
    if state["first"] and "bom" in MODES:
        data = b"\xef\xbb\xbf" + data
    state["first"] = False
    out.write(data + ((b"\r\n" if "crlf" in MODES else b"\n") if end else b""))
    out.flush()


def written(identifier):
    if "float-ids" in MODES:
        return json.dumps(float(identifier))
    if "text-ids" in MODES:
        return json.dumps(str(identifier))
    return json.dumps(identifier)


def frame(identifier, result):
    """A response around the JSON text of a result."""
    identifier = written(identifier).encode()
    if "id-last" in MODES:
        return b'{"result":' + result + b',"jsonrpc":"2.0","id":' + identifier + b"}"
    return b'{"jsonrpc":"2.0","id":' + identifier + b',"result":' + result + b"}"


def text(words):
    return json.dumps({"content": [{"type": "text", "text": words}]}).encode()


def call(identifier, name):
    if name == "plain":
        return frame(identifier, text("plain"))
    if name == "latin1":
        return frame(identifier, b'{"content":[{"type":"text","text":"caf\xe9 open"}]}')
    if name == "nan":
        return frame(identifier, b'{"content":[],"structuredContent":{"p99":NaN,"max":Infinity,"min":-Infinity,"n":3}}')
    if name == "numbers":
        return frame(identifier, b'{"content":[],"structuredContent":{"a":+1,"b":.5,"c":1.,"d":007,"e":1e400,"f":[1,],}}')
    if name == "control":
        return frame(identifier, b'{"content":[{"type":"text","text":"a\tb\x1bc C:\\dir \\\'x\\\'"}]}')
    if name == "null_id":
        return b'{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the disk is full"}}'
    if name == "null_result_id":
        return b'{"jsonrpc":"2.0","id":null,"result":' + text("no id") + b"}"
    if name == "prefixed":
        return b"12:30 INFO calling... " + frame(identifier, text("after a text"))
    if name == "double":
        note = b'{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}'
        return note + frame(identifier, text("two on a line"))
    if name == "cut":
        return frame(identifier, text("cut"))[:-20]
    if name == "cut_last":
        return b'{"result":{"content":[{"type":"text","text":}]},"jsonrpc":"2.0","id":' + written(identifier).encode() \
            + b"}"
    if name == "cut_quote":
        return b'{"result":{"content":[{"type":"text","text":"say "hi"" }]},"jsonrpc":"2.0","id":' \
            + written(identifier).encode() + b"}"
    if name == "neither":
        return b'{"jsonrpc":"2.0","id":' + written(identifier).encode() + b"}"
    if name == "text_error":
        return b'{"jsonrpc":"2.0","result":null,"error":"out of paper","id":' + written(identifier).encode() + b"}"
    return None


def handle(message):
    identifier, method = message.get("id"), message.get("method")
    if method == "initialize":
        write(frame(identifier, json.dumps({
            "protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
            "serverInfo": {"name": "bytes", "version": "0"}}).encode()))
    elif method == "ping":
        write(frame(identifier, b"{}"))
    elif method == "tools/list":
        write(frame(identifier, json.dumps({"tools": [
            {"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}).encode()))
    elif method == "tools/call":
        answer = call(identifier, message["params"]["name"])
        if answer is not None:
            write(answer, end="leave" not in MODES)
        if "leave" in MODES:
            sys.exit(0)


def main():
    for line in sys.stdin:
        handle(json.loads(line))


main()
