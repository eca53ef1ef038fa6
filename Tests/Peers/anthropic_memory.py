"""What the API remembers between requests: which blocks it signed, and which prefixes it has cached."""

import base64
import hashlib
import json
import threading

from anthropic_rules import ALIASES, Refused, merged, need


def plain(block):
    return {key: value for key, value in block.items() if key != "cache_control"}


def digest(*values):
    """Equal only for equal values with their keys in the same order: that is what a cache prefix compares."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def tokens(value):
    return max(1, len(json.dumps(value, ensure_ascii=False)) // 4)


class Memory:
    def __init__(self):
        self.lock = threading.Lock()
        self.signed = {}
        self.issued = {}
        self.cached = set()

    def prefix(self, body, count):
        """The conversation before message `count`, as it binds the thinking after it."""
        messages = [{"role": message["role"], "content": [plain(block) for block in message["content"]]}
                    for message in merged(body["messages"])[:count]]
        system = body.get("system")
        system = [plain(block) for block in system] if isinstance(system, list) else system
        return digest([plain(tool) for tool in body.get("tools") or []], system, messages)

    def sign(self, body, block):
        """Signs a thinking block that answers `body`."""
        model = ALIASES.get(body["model"], body["model"])
        prefix = self.prefix(body, len(body["messages"]) + 1)
        with self.lock:
            seed = digest(model, prefix, block["thinking"], len(self.signed))
            signature = base64.b64encode(bytes.fromhex(seed) * 3).decode()
            self.signed[signature] = {"model": model, "prefix": prefix, "thinking": block["thinking"]}
        block["signature"] = signature

    def issue(self, body, blocks, raw_inputs):
        """Remembers a whole answer, to be compared with what is sent back."""
        model = ALIASES.get(body["model"], body["model"])
        with self.lock:
            for block in blocks:
                if block["type"] == "tool_use":
                    self.issued[block["id"]] = {"model": model, "blocks": blocks, "raw": raw_inputs}

    def check_thinking(self, body, properties):
        model = ALIASES.get(body["model"], body["model"])
        for index, message in enumerate(merged(body["messages"])):
            if message["role"] != "assistant":
                continue
            for place, block in enumerate(message["content"]):
                if block["type"] == "thinking":
                    self.check_signature(body, block, model, index, f"messages.{index}.content.{place}", properties)
            self.check_complete(message["content"], model, index)

    def check_signature(self, body, block, model, index, where, properties):
        known = self.signed.get(block.get("signature"))
        need(known, f"{where}: Invalid `signature` in `thinking` block")
        need(known["thinking"] == block.get("thinking"), f"{where}: `thinking` or `redacted_thinking` blocks in the "
             "latest assistant message cannot be modified. These blocks must remain as they were in the original "
             "response.")
        need(known["model"] == model, f"{where}: `thinking` block was produced by another model")
        need(not properties["speaks"] or known["prefix"] == self.prefix(body, index),
             f"{where}: `thinking` block does not match the conversation before it")

    def check_complete(self, content, model, index):
        first = next((block["id"] for block in content if block["type"] == "tool_use"), None)
        issued = self.issued.get(first)
        if issued is None or issued["model"] != model:
            return
        for kind in ("thinking", "redacted_thinking"):
            wanted = [block for block in issued["blocks"] if block["type"] == kind]
            given = [plain(block) for block in content if block["type"] == kind]
            if wanted != given:
                raise Refused(f"messages.{index}: `thinking` or `redacted_thinking` blocks in the latest assistant "
                              "message cannot be modified. These blocks must remain as they were in the original "
                              "response.")

    def echo(self, body, raw):
        """How the calls of earlier answers came back: whether whole messages are equal, and inputs to the byte."""
        changes = []
        for message in merged(body["messages"]):
            first = next((block["id"] for block in message["content"] if block["type"] == "tool_use"), None)
            issued = self.issued.get(first)
            if message["role"] != "assistant" or issued is None:
                continue
            skip = set() if issued["model"] == ALIASES.get(body["model"], body["model"]) else {"thinking"}
            wanted = [block for block in issued["blocks"]
                      if block.get("text", "x").strip() and block["type"] not in skip]
            given = [plain(block) for block in message["content"]]
            if json.dumps(wanted) != json.dumps(given):
                changes.append(f"answer with {first} came back changed")
            for text in issued["raw"]:
                if f'"input":{text}' not in raw:
                    changes.append(f"the input of {first} is not byte for byte what was sent")
        return changes

    def usage(self, body, properties):
        """Input tokens split as a cache would: reads look back 20 positions from each breakpoint."""
        seed = digest(body["model"])
        late = digest(body.get("tool_choice"), body.get("thinking"))
        positions = []
        total = 0
        system = body.get("system") or []
        system = [{"type": "text", "text": system}] if isinstance(system, str) else system
        rows = [("tools", tool) for tool in body.get("tools") or []] + [("system", block) for block in system]
        rows += [(late + message["role"], block) for message in merged(body["messages"])
                 for block in message["content"]]
        for kind, block in rows:
            total += tokens(plain(block))
            seed = digest(seed, kind, plain(block))
            positions.append((seed, total, "cache_control" in block))
        if "cache_control" in body and positions:
            positions[-1] = positions[-1][:2] + (True,)
        read = written = 0
        with self.lock:
            marks = [index for index, position in enumerate(positions) if position[2]]
            for mark in marks:
                for index in range(mark, max(-1, mark - 20), -1):
                    if positions[index][0] in self.cached:
                        read = max(read, positions[index][1])
                        break
            for mark in marks:
                if positions[mark][1] >= properties["cache"]:
                    self.cached.add(positions[mark][0])
                    written = max(written, positions[mark][1] - read)
        return {"input_tokens": total - read - written, "cache_creation_input_tokens": written,
                "cache_read_input_tokens": read,
                "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
                "output_tokens": 1, "service_tier": "standard"}
