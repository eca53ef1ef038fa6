"""CPU time per question and the highest rate, with a model that answers without delay."""

import asyncio
import time

from .asking import Asker, answered
from .bots import Bot
from .emulator import Emulator
from .procfs import usage
from .world import world


async def batch(emulator: Emulator, first: int, count: int, rate: float = 20, within: float = 120) -> None:
    """Asks `count` questions and waits for their answers. Raises RuntimeError when one is missing."""
    asker = Asker(emulator)
    await asker.ask_steadily(rate, count / rate, first)
    if len(await answered(asker.asked, emulator, within)) < count:
        raise RuntimeError(f"not all of {count} questions were answered")


async def cpu(bot: Bot, count: int = 300) -> float:
    """CPU milliseconds per question, less what the idle bot uses in the same time."""
    async with world(bot, model_seconds=0) as made:
        await batch(made.emulator, 0, 40)
        start, before = time.monotonic(), usage(made.child.pid).cpu
        await batch(made.emulator, 100_000, count)
        elapsed, after = time.monotonic() - start, usage(made.child.pid).cpu
        # Idle usage is measured for at most 10 s and scaled to the elapsed time.
        rest = min(elapsed, 10.0)
        await asyncio.sleep(rest)
        idle = usage(made.child.pid).cpu - after
        return (after - before - idle * elapsed / rest) / count * 1000


async def saturation(bot: Bot, count: int = 800) -> float:
    """Answers per second while a backlog lasts, with a model that answers without delay."""
    async with world(bot, model_seconds=0) as made:
        await batch(made.emulator, 0, 40)
        asker = Asker(made.emulator)
        await asker.ask_steadily(1_000, count / 1_000, first=1_000)
        found = await answered(asker.asked, made.emulator, 120)
        first = min(question.at for question in asker.asked)
        last = max(answer.settled_at for answer in found.values())
        return len(found) / (last - first)
