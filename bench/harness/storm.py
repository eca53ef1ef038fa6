"""Injects the faults of a schedule into a running world, and restarts each bot when it exits."""

import asyncio
import signal
import time
from contextlib import suppress

from .processes import Child
from .schedule import Fault
from .world import World

DRAIN_SECONDS = 20.0
"""How long a stop waits for questions in flight: the default of `shutdown.drain_seconds`."""
STOP_WITHIN = DRAIN_SECONDS + 20.0
"""The longest time of a whole stop, in seconds."""
STREAM_SECONDS = 10.0
"""The longest time of an answer's stream that no fault has hit."""
SETTLED = 1.0
"""Seconds after its start before a process gets SIGTERM."""


class Storm:
    def __init__(self, world: World) -> None:
        self.world = world
        self.kills = 0
        self.cut_streams: list[int] = []
        """The number of open streams at each kill."""
        self.stops: list[float] = []
        """The duration of each stop by SIGTERM in seconds."""
        self.bad_stops: list[str] = []
        """Stops by SIGTERM that timed out or exited with another code than 0; exits by a signal of unknown origin."""
        self.exits: list[int] = []
        """The exit codes of bots that the harness had neither stopped nor killed."""
        self._restart_after: dict[int, float] = {}
        """Seconds until the restart, by the process id of a bot that was stopped or killed."""

    async def blow(self, faults: list[Fault]) -> None:
        """Returns when the last fault is over, pending faults are removed and all bots run."""
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
                for wait in (0, fault.details["again_after"]):
                    await self._kill(fault.details["process"], wait, fault.details["restart_after"])
            case "drain": await self._drain(fault.details["process"])

    async def _kill(self, index: int, wait: float, restart_after: float) -> None:
        """Kills the process `wait` seconds after it runs; _keep_bot restarts it."""
        child = await self._running(index)
        await asyncio.sleep(wait)
        if not child.is_running:
            child = await self._running(index)
        self.kills += 1
        self._restart_after[child.pid] = restart_after
        await child.kill()
        recent = await self.world.emulator.messages(f"{time.time() - STREAM_SECONDS:.6f}")
        self.cut_streams.append(sum(message.is_streaming for message in recent))

    async def _running(self, index: int) -> Child:
        """The bot's process, as soon as it runs."""
        while not self.world.children[index].is_running:
            await asyncio.sleep(0.05)
        return self.world.children[index]

    async def _drain(self, index: int) -> None:
        """Stops a process with SIGTERM, as a supervisor does to replace it. A kill meanwhile cancels the check."""
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
        # A kill in between has set a longer time until the restart. A process that has not finished its start, such as
        # one that waits for its store, has no signal handler yet and is terminated by the signal.
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
