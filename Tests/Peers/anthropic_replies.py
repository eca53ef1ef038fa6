"""Scripted and automatic replies as the API's events, whole or broken in the ways in which they break."""

import json
import random

FAULTS = {
    "rate_limit": (429, "rate_limit_error", "This request would exceed your account's rate limit.", None),
    "spend_limit": (429, "rate_limit_error", "Your organization has reached its spend limit.",
                    "enforced_spend_limit_reached"),
    "overloaded": (529, "overloaded_error", "Overloaded", None),
    "server_error": (500, "api_error", "Internal server error", None),
    "timeout": (504, "timeout_error", "The request timed out.", None),
    "conflict": (409, "conflict_error", "Conflict", None),
    "billing": (402, "billing_error", "Your credit balance is too low to access the Anthropic API.", None),
    "permission": (403, "permission_error", "Your API key does not have permission to use the specified resource.",
                   None),
    "own_limit": (400, "invalid_request_error", "You have reached your specified workspace API usage limits.", None),
    "too_long": (400, "invalid_request_error", "prompt is too long: 1200000 tokens > 1000000 maximum", None),
    "too_large": (413, "request_too_large", "Request exceeds the maximum size", None),
}

# What servers and proxies send to keep a connection open: comments, events without data, pings of any form.
QUIET = b": still here\n\ndata:\n\ndata: \n\nevent: ping\ndata:\n\nevent: ping\ndata: {}\n\n:\n"

COUNTER = iter(range(1, 1 << 30))


def error_body(kind, message, code, request_id):
    error = {"type": kind, "message": message}
    if code:
        error["details"] = {"error_code": code}
    return {"type": "error", "error": error, "request_id": request_id}


def raw_input(call):
    """The input as the model wrote it, with the white space of its own that must survive."""
    if "raw_input" in call:
        return call["raw_input"]
    return json.dumps(call.get("input", {}), separators=(", ", ": "), ensure_ascii=False)


def blocks_of(reply, speaks, display):
    """The reply's content blocks, and the JSON texts of its inputs."""
    if "blocks" in reply:
        return [dict(block) for block in reply["blocks"]], []
    blocks, raws = [], []
    thinking = reply.get("thinking")
    if thinking is not None:
        shown = thinking if display == "summarized" or not speaks else ""
        blocks.append({"type": "thinking", "thinking": shown, "signature": ""})
    if reply.get("redacted"):
        blocks.append({"type": "redacted_thinking", "data": reply["redacted"]})
    if reply.get("text"):
        blocks.append({"type": "text", "text": reply["text"]})
    for call in reply.get("calls", []):
        raw = raw_input(call)
        try:
            value = json.loads(raw) if raw else {}
            raws.append(raw or "{}")
        except ValueError:
            value = {}
        blocks.append({"type": "tool_use", "id": call.get("id", f"toolu_{next(COUNTER):04}"), "name": call["name"],
                       "input": value, "caller": {"type": "direct"}, "_raw": raw})
    return blocks, raws


def pieces(text, source):
    """Cuts a text in odd places."""
    while text:
        size = source.randint(1, 12)
        yield text[:size]
        text = text[size:]


def message(reply, body, blocks, usage):
    stop = reply.get("stop") or ("tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn")
    content = [{key: value for key, value in block.items() if key != "_raw"} for block in blocks]
    output = max(1, len(json.dumps(content, ensure_ascii=False)) // 4)
    return {"id": f"msg_{next(COUNTER):04}", "type": "message", "role": "assistant",
            "model": reply.get("model", body["model"]), "content": content, "stop_reason": stop, "stop_sequence": None,
            "stop_details": reply.get("stop_details"),
            "usage": {**usage, "output_tokens": reply.get("output_tokens", output)}}


def events(reply, whole, blocks, usage):
    """The events of a streamed answer, in order."""
    source = random.Random(json.dumps(reply, sort_keys=True))
    head = {**whole, "content": [], "stop_reason": None, "stop_details": None, "usage": usage}
    yield {"type": "message_start", "message": head}
    yield {"type": "ping"}
    for index, block in enumerate(blocks):
        yield from block_events(index, block, source)
        if source.random() < 0.5:
            yield {"type": "ping"}
    yield {"type": "message_delta", "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None,
                                              "stop_details": whole["stop_details"]},
           "usage": {"output_tokens": whole["usage"]["output_tokens"], "input_tokens": None,
                     "cache_read_input_tokens": None}}
    yield {"type": "message_stop"}


def block_events(index, block, source):
    start = {key: value for key, value in block.items() if key != "_raw"}
    deltas = []
    if block["type"] == "text":
        start["text"] = ""
        deltas = [{"type": "text_delta", "text": text} for text in pieces(block["text"], source)]
    elif block["type"] == "thinking":
        start.update(thinking="", signature="")
        deltas = [{"type": "thinking_delta", "thinking": text} for text in pieces(block["thinking"], source)]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
    elif block["type"] == "tool_use":
        start["input"] = {}
        raw = block.get("_raw", json.dumps(block["input"]))
        deltas = [{"type": "input_json_delta", "partial_json": ""}] if raw else []
        deltas += [{"type": "input_json_delta", "partial_json": text} for text in pieces(raw, source)]
    yield {"type": "content_block_start", "index": index, "content_block": start}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def frame(event):
    data = json.dumps(event, ensure_ascii=False)
    return f"event: {event['type']}\ndata: {data}\n\n".encode()
