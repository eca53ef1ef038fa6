"""Child processes that end with the run, however it ends."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path


class Child:
    """A process in a group of its own. It dies with this program even when that is killed."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log
        self.started_at = asyncio.get_running_loop().time()

    @classmethod
    async def start(
        cls, name: str, command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
    ) -> "Child":
        log = folder / f"{name}.log"
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "KILL", *command, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=errors, env=env, cwd=folder, start_new_session=True)
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self.process.returncode is None

    async def line(self, within: float = 60) -> str:
        """The next line of its output. Raises RuntimeError with the end of its log when there is none."""
        assert self.process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                if line := await self.process.stdout.readline():
                    return line.decode().strip()
        raise RuntimeError(f"{self.name} said nothing: {self.last_words()}")

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    async def kill(self) -> None:
        """As a crash would end it: nothing is announced, its own children are left to themselves."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self, first: signal.Signals = signal.SIGTERM, grace: float = 40) -> int:
        """Asks it to end, then ends what is left of its group. Gives its exit code."""
        with suppress(ProcessLookupError):
            if self.is_running:
                self.process.send_signal(first)
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self.process.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return await self.process.wait()


def run(main) -> None:
    """Runs a coroutine whose result is the exit code; SIGTERM ends it as Ctrl-C does, with everything cleaned up."""
    async def guarded() -> int:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await main

    try:
        code = asyncio.run(guarded())
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = 130
    raise SystemExit(code)
