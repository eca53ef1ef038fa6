"""Model and tools take turns until there is an answer."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from anthropic import AsyncAnthropic

from . import prompt
from .store import Usage
from .tools import Tools

MODEL = "claude-sonnet-5-5"
MAX_TOKENS = 4096
MAX_TURNS = 10
PRICES = {"input": Decimal("3"), "output": Decimal("15"), "cached": Decimal("0.3")}
"""USD per million tokens."""


class Answering:
    def __init__(self, model: AsyncAnthropic, tools: Tools) -> None:
        self._model = model
        self._tools = tools

    async def answer(
        self, messages: list[dict[str, Any]], usage: Usage, tell: Callable[[str], None]
    ) -> str:
        """The answer's text; `usage` is charged as it goes, `tell` hears what is being done."""
        for _ in range(MAX_TURNS):
            turn = await self._turn(messages, usage, tell)
            calls = [block for block in turn.content if block.type == "tool_use"]
            if turn.stop_reason != "tool_use" or not calls:
                return "".join(block.text for block in turn.content if block.type == "text")
            for call in calls:
                tell(f"is using {call.name.replace('__', '.')}")
            results = await asyncio.gather(*(self._tools.call(call.name, dict(call.input)) for call in calls))
            usage.calls += [record for _, record in results]
            tell("is reading the results")
            messages.append({"role": "assistant", "content": [block.model_dump() for block in turn.content]})
            messages.append({"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": record.status == "failed"}
                for call, (text, record) in zip(calls, results, strict=True)]})
        return "I came to no answer; please ask again in smaller steps."

    async def _turn(self, messages: list[dict[str, Any]], usage: Usage, tell: Callable[[str], None]) -> Any:
        async with self._model.messages.stream(
            model=MODEL, max_tokens=MAX_TOKENS, system=prompt.system(), tools=self._tools.definitions,
            messages=messages,
        ) as stream:
            async for _ in stream.text_stream:
                tell("is writing the answer")
            turn = await stream.get_final_message()
        usage.iterations += 1
        cached = turn.usage.cache_read_input_tokens or 0
        usage.tokens_input += turn.usage.input_tokens
        usage.tokens_output += turn.usage.output_tokens
        usage.tokens_cached += cached
        usage.cost += (
            turn.usage.input_tokens * PRICES["input"] + turn.usage.output_tokens * PRICES["output"]
            + cached * PRICES["cached"]) / 1_000_000
        return turn
