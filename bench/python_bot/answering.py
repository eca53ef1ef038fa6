"""The loop of model turns and tool calls until the model answers."""

import asyncio
from collections.abc import Callable
from typing import Any

from anthropic import AsyncAnthropic

from . import prompt
from .journal import Journal
from .question import Usage
from .tools import Tools

MODEL = "claude-sonnet-5-5"
MAX_TOKENS = 4096
MAX_TURNS = 10


class Answering:
    def __init__(self, model: AsyncAnthropic, tools: Tools) -> None:
        self._model = model
        self._tools = tools

    async def answer(
        self, messages: list[dict[str, Any]], usage: Usage, journal: Journal, tell: Callable[[str], None]
    ) -> str:
        """Returns the answer's text. Adds each turn to `usage` and reports progress to `tell`."""
        while usage.iterations < MAX_TURNS:
            turn = await self._turn(messages, tell)
            charged = {
                "input": turn.usage.input_tokens, "output": turn.usage.output_tokens,
                "cached": turn.usage.cache_read_input_tokens or 0}
            usage.charge(**charged)
            calls = [block for block in turn.content if block.type == "tool_use"]
            if turn.stop_reason != "tool_use" or not calls:
                return "".join(block.text for block in turn.content if block.type == "text")
            content = [block.model_dump() for block in turn.content]
            await journal.turn(content, charged)
            for call in calls:
                tell(f"is using {call.name.replace('__', '.')}")
            results = await asyncio.gather(*(self._call(call, usage, journal) for call in calls))
            tell("is reading the results")
            messages.append({"role": "assistant", "content": content})
            messages.append({"role": "user", "content": results})
        return "I came to no answer; please ask again in smaller steps."

    async def _call(self, call: Any, usage: Usage, journal: Journal) -> dict[str, Any]:
        text, record = await self._tools.call(call.name, dict(call.input))
        block = {
            "type": "tool_result", "tool_use_id": call.id, "content": text, "is_error": record.status == "failed"}
        await journal.result(call.id, block, record)
        usage.calls.append(record)
        return block

    async def _turn(self, messages: list[dict[str, Any]], tell: Callable[[str], None]) -> Any:
        async with self._model.messages.stream(
            model=MODEL, max_tokens=MAX_TOKENS, system=prompt.system(), tools=self._tools.definitions,
            messages=messages,
        ) as stream:
            async for _ in stream.text_stream:
                tell("is writing the answer")
            return await stream.get_final_message()
