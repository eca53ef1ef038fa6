"""The journal of a question's steps, so that another process can resume after the last complete step."""

from typing import Any

from .question import Question, ToolCall, Usage
from .store import Store

UNKNOWN = "The process ended while this call ran. Whether it took effect is unknown; it is not repeated."


class Journal:
    """Stores each step before the next one starts: a turn before its calls are made, a result before it is used."""

    def __init__(self, store: Store, question: Question) -> None:
        self._store = store
        self._question = question
        self._steps = 0

    async def turn(self, content: list[dict[str, Any]], charged: dict[str, int]) -> None:
        await self._add("turn", {"content": content, "charged": charged})

    async def result(self, id: str, block: dict[str, Any], call: ToolCall) -> None:
        await self._add("result", {"id": id, "block": block, "call": vars(call)})

    async def _add(self, kind: str, payload: dict[str, Any]) -> None:
        number, self._steps = self._steps, self._steps + 1
        await self._store.add_step(self._question, number, kind, payload)

    async def resume(self, messages: list[dict[str, Any]], usage: Usage) -> None:
        """Adds the stored turns to the messages; a call without a stored result gets the result `UNKNOWN`."""
        steps = await self._store.steps(self._question)
        self._steps = len(steps)
        results = {payload["id"]: payload for kind, payload in steps if kind == "result"}
        for payload in (payload for kind, payload in steps if kind == "turn"):
            usage.charge(**payload["charged"])
            blocks = []
            for call in (block for block in payload["content"] if block["type"] == "tool_use"):
                if known := results.get(call["id"]):
                    blocks.append(known["block"])
                    usage.calls.append(ToolCall(**known["call"]))
                else:
                    blocks.append({
                        "type": "tool_result", "tool_use_id": call["id"], "content": UNKNOWN, "is_error": True})
                    usage.calls.append(ToolCall(call["name"].replace("__", "."), call["input"], "unknown", 0, 0))
            messages.append({"role": "assistant", "content": payload["content"]})
            messages.append({"role": "user", "content": blocks})
