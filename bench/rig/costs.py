"""What one question costs, without the time of model and tools: the difference between some questions and none."""

import asyncio
import os
import re
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from .asking import Asker, answered
from .bots import OMNI, ROOT, Bot, Omni
from .emulator import Emulator
from .procfs import usage
from .world import World, world

async def batch(emulator: Emulator, first: int, count: int, rate: float = 20, within: float = 120) -> None:
    """Asks so many questions and waits for their answers. Raises RuntimeError when one is missing."""
    asker = Asker(emulator)
    await asker.ask_steadily(rate, count / rate, first)
    if len(await answered(asker.asked, emulator, within)) < count:
        raise RuntimeError(f"not all of {count} questions were answered")


async def per_question(
    made: World, counter: Callable[[], Awaitable[list[float]]], count: int, rate: float = 20
) -> list[float]:
    """By how much each number of the counter grows with a question, less what it grows in the same time without."""
    start = time.monotonic()
    before = await counter()
    await batch(made.emulator, 100_000, count, rate)
    after = await counter()
    elapsed = time.monotonic() - start
    # A part of the time is enough to know the rest.
    rest = min(elapsed, 10.0)
    await asyncio.sleep(rest)
    idle = await counter()
    return [((b - a) - (c - b) * elapsed / rest) / count for a, b, c in zip(before, after, idle, strict=True)]


async def cpu(bot: Bot, count: int = 300) -> float:
    """Milliseconds a question."""
    async with world(bot, model_seconds=0) as made:
        async def counter() -> list[float]:
            return [usage(made.child.pid).cpu]

        await batch(made.emulator, 0, 40)
        return (await per_question(made, counter, count))[0] * 1000


async def allocations(count: int = 200) -> dict[str, float]:
    """Calls of malloc and its kin, kilobytes asked for and calls less those of free, a question."""
    # A name without a folder: the bot runs in its world's.
    bot = Omni(variables={"LD_PRELOAD": str(await _library("malloc_count")), "MALLOC_COUNT": "allocations"})
    async with world(bot, model_seconds=0) as made:
        async def counter() -> list[float]:
            return await _reported(made.child.pid, made.folder / "allocations")

        await batch(made.emulator, 0, 40)
        calls, size, frees = await per_question(made, counter, count)
        return {"allocations": calls, "allocated_kb": size / 1000, "kept": calls - frees}


async def _reported(pid: int, file: Path) -> list[float]:
    """Has the counters written, and reads them."""
    known = _lines(file)
    os.kill(pid, signal.SIGUSR1)
    async with asyncio.timeout(10):
        while len(lines := _lines(file)) == len(known):
            await asyncio.sleep(0.01)
    return [float(number) for number in lines[-1].split()]


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


async def _library(name: str) -> Path:
    target = OMNI.with_name(f"{name}.so")
    await _run("cc", "-O2", "-shared", "-fPIC", "-o", str(target), str(ROOT / f"bench/{name}.c"))
    return target


async def _run(*command: str, quiet: bool = False) -> None:
    output = asyncio.subprocess.DEVNULL if quiet else None
    process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=output)
    if await process.wait() != 0:
        raise RuntimeError(f"{' '.join(command)} failed")


async def stripped() -> Path:
    """The program without what Debian's valgrind gives up on, the debug information of newer compilers."""
    target = OMNI.with_name("omni-stripped")
    await _run("strip", "--strip-debug", "-o", str(target), str(OMNI))
    return target


async def valgrind(program: Path, *options: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The command and the variables by which callgrind runs the program. Its profile is in the folder of the world."""
    command = ("valgrind", "--tool=callgrind", "--callgrind-out-file=callgrind.%p", *options, str(program))
    return command, {"LD_PRELOAD": str(await _library("sigsuspend"))}


async def instructions(count: int = 20) -> float | None:
    """Millions a question, counted by callgrind; None when valgrind is not installed. Its run takes minutes."""
    if shutil.which("valgrind") is None:
        return None
    async with world(Omni(*await valgrind(await stripped())), model_seconds=0) as made:
        async def counter() -> list[float]:
            return [await _instructions(made.child.pid, made.folder)]

        await batch(made.emulator, 0, 4, rate=1, within=240)
        return (await per_question(made, counter, count, rate=2))[0] / 1e6


async def dump(pid: int) -> None:
    """Has callgrind write what it counted since the last time, to `callgrind.<pid>.<n>`."""
    await _run("callgrind_control", "--dump", str(pid), quiet=True)


async def _instructions(pid: int, folder: Path) -> float:
    """Counted so far in all threads."""
    await dump(pid)
    dumps = folder.glob(f"callgrind.{pid}.*")
    return float(sum(int(re.findall(r"^totals: (\d+)", dump.read_text(), re.MULTILINE)[-1]) for dump in dumps))


async def saturation(bot: Bot, count: int = 800) -> float:
    """Questions a second while a pile of them lasts, with a model that takes no time."""
    async with world(bot, model_seconds=0) as made:
        await batch(made.emulator, 0, 40)
        asker = Asker(made.emulator)
        await asker.ask_steadily(1_000, count / 1_000, first=1_000)
        found = await answered(asker.asked, made.emulator, 120)
        first = min(question.at for question in asker.asked)
        last = max(answer.settled_at for answer in found.values())
        return len(found) / (last - first)
