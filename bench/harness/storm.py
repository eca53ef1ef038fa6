"""Does to a running world what a schedule says, and starts each bot again whenever it ends."""

import asyncio
import signal
from contextlib import suppress

from .processes import Child
from .schedule import Fault
from .world import World

DRAIN_SECONDS = 20.0
"""How long a stop waits for questions in flight: `shutdown.drain_seconds` as it ships."""
STOP_WITHIN = DRAIN_SECONDS + 20.0
"""What the rest of a stop may take beyond it."""
SETTLED = 1.0
"""Seconds after its start from which a process is taken for one that can be asked to stop."""


class Storm:
    def __init__(self, world: World) -> None:
        self.world = world
        self.kills = 0
        self.stops: list[float] = []
        """How many seconds each stop by SIGTERM took."""
        self.bad_stops: list[str] = []
        """Stops by SIGTERM that hung or ended with another code than 0, and ends by a signal that nobody sent."""
        self.exits: list[int] = []
        """The codes with which a bot ended that nobody had asked to."""
        self._restart_after: dict[int, float] = {}
        """By the id of a process that was made to end: seconds until another is started."""

    async def blow(self, faults: list[Fault]) -> None:
        """Returns when the last fault is over and mended."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        keeping = [asyncio.create_task(self._keep_bot(index)) for index in range(len(self.world.bots))]
        try:
            async with asyncio.TaskGroup() as group:
                for fault in faults:
                    await asyncio.sleep(max(0, start + fault.at - loop.time()))
                    group.create_task(self._do(fault))
        finally:
            for task in keeping:
                task.cancel()
            ends = await asyncio.gather(*keeping, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
        await self.world.emulator.clear_faults()
        for index, child in enumerate(self.world.children):
            if not child.is_running:
                await self.world.restart_bot(index)

    async def _do(self, fault: Fault) -> None:
        postgres, seconds = self.world.postgres, fault.details.get("seconds", 0.0)
        match fault.kind:
            case "socket": await self.world.emulator.inflict(**fault.details)
            case "api": await self.world.emulator.fault(**fault.details)
            case "postgres":
                await postgres.stop()
                await asyncio.sleep(seconds)
                await postgres.start()
            case "read_only":
                await postgres.set_read_only(True)
                await asyncio.sleep(seconds)
                await postgres.set_read_only(False)
            case "full":
                await postgres.disk.fill()
                await asyncio.sleep(seconds)
                await postgres.disk.give_room()
            case "kill":
                child = await self._running(fault.details["process"])
                self.kills += 1
                self._restart_after[child.pid] = fault.details["restart_after"]
                await child.kill()
                # The keeper sees the end and starts another.
            case "drain": await self._drain(fault.details["process"])

    async def _running(self, index: int) -> Child:
        """The process of that number, once there is one."""
        while not self.world.children[index].is_running:
            await asyncio.sleep(0.05)
        return self.world.children[index]

    async def _drain(self, index: int) -> None:
        """As a supervisor stops a process to put another in its place; one that is killed meanwhile is not judged."""
        loop = asyncio.get_running_loop()
        child = await self._running(index)
        await asyncio.sleep(max(0, child.started_at + SETTLED - loop.time()))
        if not child.is_running:
            return
        begin = loop.time()
        self._restart_after.setdefault(child.pid, 0)
        with suppress(ProcessLookupError):
            child.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_WITHIN):
                code = await child.process.wait()
        except TimeoutError:
            await child.kill()
            self.bad_stops.append(f"{child.name} ({child.pid}) did not end within {STOP_WITHIN:g} s of SIGTERM")
            return
        self.stops.append(loop.time() - begin)
        # A kill that came in between leaves a longer time until the restart. A process that has not begun to work, as one
        # that still waits for its store at the start, has no handler, and ends by the signal itself.
        if code not in (0, -signal.SIGTERM) and self._restart_after[child.pid] == 0:
            self.bad_stops.append(f"{child.name} ({child.pid}) ended with {code} after SIGTERM")

    async def _keep_bot(self, index: int) -> None:
        while True:
            child = self.world.children[index]
            code = await child.process.wait()
            if child.pid not in self._restart_after:
                self.exits.append(code)
                if code < 0:
                    self.bad_stops.append(f"{child.name} ({child.pid}) ended with {code} though nobody stopped it")
            await asyncio.sleep(self._restart_after.get(child.pid, 1.0))
            await self.world.restart_bot(index)
