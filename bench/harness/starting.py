"""Measures the time from start to live connections, and an idle bot's usage."""

import asyncio
import time
from statistics import median

from .bots import Bot, connected
from .emulator import Emulator
from .procfs import Usage, usage
from .world import world

STARTS = 10
IDLE_SECONDS = 30.0


async def start_and_idle(bot: Bot) -> tuple[float, Usage]:
    """The median of ten starts, in milliseconds from exec to live connections, and the last one's usage after 30 s."""
    times: list[float] = []
    async with world(bot, model_seconds=0) as made:
        for _ in range(STARTS):
            await made.child.stop()
            await _silence(made.emulator)
            start = time.monotonic()
            await made.restart_bot()
            await connected(bot, made.child, made.emulator)
            times.append((time.monotonic() - start) * 1000)
        await asyncio.sleep(IDLE_SECONDS)
        return median(times), usage(made.child.pid)


async def _silence(emulator: Emulator) -> None:
    """Waits until the workspace has no live connection."""
    async with asyncio.timeout(30):
        while await emulator.live_connections() > 0:
            await asyncio.sleep(0.01)
