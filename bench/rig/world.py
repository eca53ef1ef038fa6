"""Everything around a bot: a workspace, a model, a database; and the bot in it."""

import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

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
    bot: Bot
    child: Child
    """The bot's process; another one after a restart."""

    async def restart_bot(self) -> None:
        self.child = await self.bot.start(
            self.emulator, self.model_url, self.postgres.url(self.database), self.folder)

    async def mean_request_bytes(self) -> float:
        """Of what the model was asked so far."""
        async with aiohttp.ClientSession() as session, session.get(self.model_url + "/_counts") as response:
            counts = await response.json()
        return counts["bytes"] / max(1, counts["requests"])


@asynccontextmanager
async def world(bot: Bot, model_seconds: float, tier_limits: bool = False) -> AsyncIterator[World]:
    """A new world with the bot connected. All of it ends with the block, in the order in which it must."""
    if not OMNI.exists():
        raise RuntimeError(f"{OMNI.relative_to(ROOT)} is missing: make bench, load or chaos builds it")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omni-bench-")))
        postgres = Postgres(folder)
        stack.push_async_callback(postgres.stop)
        await postgres.make()
        emulator = await Emulator.start(OMNI, folder, tier_limits)
        stack.push_async_callback(emulator.stop)
        model = await Child.start(
            "model", [sys.executable, "-m", "bench.rig.model", "--seconds", str(model_seconds)], folder,
            {"PYTHONPATH": str(ROOT)})
        stack.push_async_callback(model.stop)
        made = World(
            folder, emulator, model, f"http://127.0.0.1:{await model.line()}", postgres, await postgres.database(),
            bot, model)
        await made.restart_bot()

        async def stop_bot() -> None:
            await made.child.stop()

        stack.push_async_callback(stop_bot)
        await connected(bot, made.child, emulator)
        yield made
