"""A stdio MCP server without any SDK that misbehaves as its arguments say.

Arguments, any of: garbage, huge, deaf (ignores SIGTERM and end of input), flood (1 MiB on standard error before each
answer), mute (never answers), loop (a cursor that repeats), die-first=FILE (ends at start unless FILE exists, and
makes it).
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time

MODES = set(sys.argv[1:])
lock = threading.Lock()


def send(message):
    with lock:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def text(value):
    return {"content": [{"type": "text", "text": value}]}


def tool(name):
    return {"name": name, "description": name, "inputSchema": {"type": "object"}}


HANGING = []
CANCELLED = []
TOOLS = ["echo", "environment", "identity", "spawn", "hang", "die", "cancelled", "ask", "odd"]


def call(identifier, name, arguments):
    if name == "echo":
        return text(arguments.get("text", ""))
    if name == "environment":
        return text(json.dumps(dict(os.environ)))
    if name == "identity":
        return text(json.dumps({"pid": os.getpid(), "group": os.getpgid(0)}))
    if name == "spawn":
        child = subprocess.Popen(["sleep", "300"])
        return text(str(child.pid))
    if name == "hang":
        HANGING.append(identifier)
        return None
    if name == "hanging":  # not listed
        return text(str(len(HANGING)))
    if name == "cancelled":
        return text(json.dumps(CANCELLED))
    if name == "die":
        sys.stderr.write("the disk is full, password " + os.environ.get("API_KEY", "") + "\n")
        sys.stderr.flush()
        os._exit(7)
    if name == "ask":
        send({"id": "q1", "method": "roots/list"})
        send({"id": "q2", "method": "ping"})
        return text("asked")
    if name == "odd":
        return {"structuredContent": {"a": 1}, "content": [{"type": "hologram", "x": 1}]}
    return None


def handle(message):
    identifier, method = message.get("id"), message.get("method")
    if method == "initialize":
        send({"id": identifier, "result": {
            "protocolVersion": "2025-06-18", "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": {"name": "raw", "version": "0"}}})
    elif method == "ping":
        send({"id": identifier, "result": {}})
    elif method == "tools/list":
        if "loop" in MODES:
            send({"id": identifier, "result": {"tools": [tool("echo")], "nextCursor": ""}})
            return
        page = int((message.get("params") or {}).get("cursor", "0"))
        result = {"tools": [tool(name) for name in TOOLS[page:page + 4]]}
        if page == 0:
            result["tools"].append({"name": "broken", "inputSchema": {"type": "string"}})
        if page + 4 < len(TOOLS):
            result["nextCursor"] = str(page + 4)
        send({"id": identifier, "result": result})
    elif method == "tools/call":
        result = call(identifier, message["params"]["name"], message["params"]["arguments"])
        if result is not None:
            send({"id": identifier, "result": result})
        elif message["params"]["name"] != "hang":
            send({"id": identifier, "error": {"code": -32602, "message": "unknown tool"}})
    elif method == "notifications/cancelled":
        CANCELLED.append(message["params"]["requestId"])


def main():
    for mode in MODES:
        if mode.startswith("die-first="):
            path = mode.split("=", 1)[1]
            if not os.path.exists(path):
                open(path, "w").close()
                sys.stderr.write("not yet\n")
                sys.exit(5)
    if "deaf" in MODES:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "garbage" in MODES:
        print("Starting up …\n{not json}\n[1, 2]", flush=True)
    for line in sys.stdin:
        if "mute" in MODES:
            continue
        if "flood" in MODES:
            sys.stderr.write("x" * (1 << 20))
            sys.stderr.flush()
        if "huge" in MODES and '"tools/call"' in line:
            sys.stdout.write("x" * (9 << 20) + "\n")
            sys.stdout.flush()
            continue
        handle(json.loads(line))
    while "deaf" in MODES:
        time.sleep(1)


main()
