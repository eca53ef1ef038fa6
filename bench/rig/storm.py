"""Does to a running world what a schedule says, and starts the bot again whenever it ends."""

import asyncio
from contextlib import suppress

from .schedule import Fault
from .world import World


class Storm:
    def __init__(self, world: World) -> None:
        self.world = world
        self.kills = 0
        self.exits: list[int] = []
        """The codes with which the bot ended by itself."""
        self._restart_after = 1.0

    async def blow(self, faults: list[Fault]) -> None:
        """Returns when the last fault is over and mended."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        keeping = asyncio.create_task(self._keep_bot())
        try:
            async with asyncio.TaskGroup() as group:
                for fault in faults:
                    await asyncio.sleep(max(0, start + fault.at - loop.time()))
                    group.create_task(self._do(fault))
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        await self.world.emulator.clear_faults()
        if not self.world.child.is_running:
            await self.world.restart_bot()

    async def _do(self, fault: Fault) -> None:
        match fault.kind:
            case "socket": await self.world.emulator.inflict(**fault.details)
            case "api": await self.world.emulator.fault(**fault.details)
            case "postgres":
                await self.world.postgres.stop()
                await asyncio.sleep(fault.details["seconds"])
                await self.world.postgres.start()
            case "kill":
                self.kills += 1
                self._restart_after = fault.details["restart_after"]
                await self.world.child.kill()
                # The keeper sees the end and starts another.

    async def _keep_bot(self) -> None:
        while True:
            child = self.world.child
            code = await child.process.wait()
            if code >= 0:
                self.exits.append(code)
            await asyncio.sleep(self._restart_after)
            await self.world.restart_bot()
