"""The two bots of a run, each as a process with everything it needs in its environment."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Protocol

from .emulator import Emulator
from .processes import Child

ROOT = Path(__file__).resolve().parents[2]
OMNI = ROOT / ".build-release/release/omni"

SETTINGS = """\
app: {port: 0}
llm: {provider: anthropic, model: claude-sonnet-5-5}
logging: {level: warning}
"""
USERS = """\
default_user: {role: dba, allowed_mcps: "*"}
"""
MCPS = """\
mcps:
  - name: ops
    protocol: stdio
    command: %s
    args: [demo-mcp]
    role_restrictions: {dba: {allow_all: true}}
"""


class Bot(Protocol):
    """How a bot is started; `connections` is how many sockets it keeps."""

    name: str
    connections: int

    async def start(self, emulator: Emulator, model: str, database: str, folder: Path) -> Child: ...


def environment(emulator: Emulator, model: str, database: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | emulator.variables | {
        "ANTHROPIC_API_KEY": "sk-ant-bench", "ANTHROPIC_BASE_URL": model, "DATABASE_URL": database,
        "OMNI_EXECUTABLE": str(OMNI)}


class Omni:
    name = "omni"
    connections = 2

    def __init__(self, command: tuple[str, ...] = (str(OMNI),), variables: dict[str, str] | None = None) -> None:
        self.command = command
        """The program, or another program and what that is to run."""
        self.variables = variables or {}

    async def start(self, emulator: Emulator, model: str, database: str, folder: Path) -> Child:
        config = folder / "config"
        config.mkdir(exist_ok=True)
        (config / "settings.yaml").write_text(SETTINGS)
        (config / "users.yaml").write_text(USERS)
        (config / "mcps.yaml").write_text(MCPS % OMNI)
        variables = {"OMNI_CONFIG": str(config), "OMNI_DATA": str(folder / "data")} | self.variables
        return await Child.start(
            self.name, [*self.command, "run"], folder, environment(emulator, model, database) | variables)


class Python:
    name = "python"
    connections = 1

    async def start(self, emulator: Emulator, model: str, database: str, folder: Path) -> Child:
        variables = {"PYTHONPATH": str(ROOT)}
        return await Child.start(
            self.name, [sys.executable, "-m", "bench.python_bot"], folder,
            environment(emulator, model, database) | variables)


async def connected(bot: Bot, child: Child, emulator: Emulator, within: float = 240) -> None:
    """Returns when the bot hears Slack. Raises RuntimeError with its last words when it does not."""
    try:
        async with asyncio.timeout(within):
            while await emulator.live_connections() < bot.connections:
                if not child.is_running:
                    raise RuntimeError(f"{bot.name} ended: {child.last_words()}")
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise RuntimeError(f"{bot.name} did not connect: {child.last_words()}") from None
