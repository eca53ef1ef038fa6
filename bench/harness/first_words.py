"""Measures the time from the model's first words of an answer until the workspace shows them."""

import asyncio
import json
import time
from dataclasses import dataclass

from .asking import Asked, Asker
from .bots import Omni
from .model import FIRST_WORDS
from .report import percentile
from .world import World, world

MODEL_SECONDS = 0.6
TEXT_SECONDS = 2.0
"""About 240 characters a second, or 60 tokens."""
SINGLE, SINGLE_PAUSE = 20, 4.5
"""Questions one at a time, and the least seconds between two: below the 16 streams a minute that a process starts."""
ROUNDS, TOGETHER, ROUND_PAUSE = 3, 10, 61.0
"""Questions ten at a time, and the least seconds between two rounds."""
STREAM_METHODS = {"chat.startStream", "chat.appendStream", "chat.stopStream"}


@dataclass(frozen=True)
class FirstWords:
    """Milliseconds from the model's first words of each answer to the first call of the Web API that shows them."""

    asked: int
    streamed: list[float]
    edited: list[float]

    def named(self, load: str, streaming: bool) -> dict[str, float]:
        times = self.streamed if streaming else self.edited
        return {f"{load}: shown of {self.asked}": len(times), f"{load}: p50, ms": percentile(times, 0.5),
                f"{load}: p99, ms": percentile(times, 0.99)}


async def first_words(streaming: bool) -> dict[str, float]:
    """Questions one at a time, then ten at a time, each in a new thread, with Slack's rate limits."""
    figures: dict[str, float] = {}
    for load, count, size, pause in (
            ("one at a time", SINGLE, 1, SINGLE_PAUSE), ("ten at a time", ROUNDS, TOGETHER, ROUND_PAUSE)):
        async with world(
                Omni(streaming=streaming), model_seconds=MODEL_SECONDS, text_seconds=TEXT_SECONDS,
                tier_limits=True) as made:
            await _round(made, Asker(made.emulator), [0])
            asker = Asker(made.emulator, channels=64)
            for turn in range(count):
                start = time.monotonic()
                await _round(made, asker, range(1 + turn * size, 1 + (turn + 1) * size))
                # Only streams have so low a limit.
                if streaming and turn < count - 1:
                    await asyncio.sleep(max(0.0, start + pause - time.monotonic()))
            figures |= (await _measured(made, asker.asked)).named(load, streaming)
    return figures


async def _round(made: World, asker: Asker, numbers: range | list[int]) -> None:
    """Asks at once, and waits for the answers' ends. Raises TimeoutError when one is missing after 60 s."""
    asked = await asyncio.gather(*(asker.ask(number) for number in numbers))
    since = min(question.ts for question in asked)
    async with asyncio.timeout(60):
        while True:
            ended = {message.thread for message in await made.emulator.messages(since)
                     if message.is_bot and FIRST_WORDS[:-9] in message.words and not message.is_streaming}
            if ended.issuperset(question.thread for question in asked):
                return
            await asyncio.sleep(0.2)


async def _measured(made: World, asked: list[Asked]) -> FirstWords:
    begun, calls = await made.first_words(), await made.emulator.calls()
    streamed, edited = [], []
    for question in asked:
        words = json.dumps(FIRST_WORDS.replace("nr-000000", question.mark))[1:-1]
        shown = next((call for call in calls if words in call.arguments), None)
        if shown is not None:
            times = streamed if shown.method in STREAM_METHODS else edited
            times.append((shown.at - begun[question.mark]) * 1000)
    return FirstWords(len(asked), streamed, edited)
