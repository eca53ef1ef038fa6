"""The environment of the bots (workspace, model, database) and the bots themselves."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from .bots import OMNI, ROOT, Bot, connected
from .emulator import Emulator
from .postgres import Postgres
from .processes import Child


@dataclass
class World:
    folder: Path
    emulator: Emulator
    model: Child
    model_url: str
    postgres: Postgres
    database: str
    bots: list[Bot]
    children: list[Child]
    """The current process of each bot."""

    @property
    def bot(self) -> Bot:
        """The first bot."""
        return self.bots[0]

    @property
    def child(self) -> Child:
        return self.children[0]

    async def restart_bot(self, index: int = 0) -> None:
        self.children[index] = await self._started(self.bots[index])

    async def start_bots(self) -> None:
        """Starts the bots one after the other; returns when all have their connections."""
        connections = 0
        for bot in self.bots:
            connections += bot.connections
            self.children.append(await self._started(bot))
            await connected(bot, self.children[-1], self.emulator, connections=connections)

    async def stop_bots(self) -> None:
        await asyncio.gather(*(child.stop() for child in self.children))

    async def _started(self, bot: Bot) -> Child:
        return await bot.start(self.emulator, self.model_url, self.postgres.url(self.database), self.folder)

    async def mean_request_bytes(self) -> float:
        """The mean size of the request bodies that the model has received."""
        counts = await self._model("/_counts")
        return counts["bytes"] / max(1, counts["requests"])

    async def first_words(self) -> dict[str, float]:
        """When the model first sent text of an answer, in seconds since 1970, by the question's mark."""
        return await self._model("/_first_words")

    async def _model(self, path: str) -> Any:
        async with aiohttp.ClientSession() as session, session.get(self.model_url + path) as response:
            return await response.json()


@asynccontextmanager
async def world(
    *bots: Bot, model_seconds: float, text_seconds: float | None = None, tier_limits: bool = False,
    small_disk: bool = False
) -> AsyncIterator[World]:
    """A new world with connected bots. Everything is stopped at the end of the block, in reverse order of the start.

    The text of an answer takes `text_seconds`, by default a part of `model_seconds`.
    With `small_disk` the database is on a disk that can be made full, where a tmpfs can be mounted.
    """
    if not OMNI.exists():
        raise RuntimeError(f"{OMNI} is missing: make bench, load or chaos builds it")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omni-bench-")))
        postgres = Postgres(folder)
        if small_disk:
            stack.push_async_callback(postgres.disk.unmount)
        stack.push_async_callback(postgres.stop)
        await postgres.make(small_disk)
        emulator = await Emulator.start(OMNI, folder, tier_limits)
        stack.push_async_callback(emulator.stop)
        model = await Child.start(
            "model", [sys.executable, "-m", "bench.harness.model", "--seconds", str(model_seconds),
                      *(["--text-seconds", str(text_seconds)] if text_seconds is not None else [])],
            folder, {"PYTHONPATH": str(ROOT)})
        stack.push_async_callback(model.stop)
        made = World(
            folder, emulator, model, f"http://127.0.0.1:{await model.line()}", postgres, await postgres.database(),
            list(bots), [])
        stack.push_async_callback(made.stop_bots)
        await made.start_bots()
        yield made
