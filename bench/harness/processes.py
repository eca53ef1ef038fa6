"""Child processes that end with the run, also when it is killed."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path


class Child:
    """A process in a session of its own. The kernel kills it when this program ends (PR_SET_PDEATHSIG)."""

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
        """The next line of its output. Raises RuntimeError with the end of the log if there is none in time."""
        assert self.process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                if line := await self.process.stdout.readline():
                    return line.decode().strip()
        raise RuntimeError(f"{self.name} said nothing: {self.last_words()}")

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    async def kill(self) -> None:
        """Kills the process with SIGKILL, as a crash would end it; its own children are not signalled."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self, first: signal.Signals = signal.SIGTERM, grace: float = 40) -> int:
        """Sends `first`, waits at most `grace` seconds, then kills its process group. Returns the exit code."""
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
    """Runs a coroutine whose result is the exit code. SIGTERM cancels it, so that all clean-up runs, as for Ctrl-C."""
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
