"""The two bots, each started as a process that is configured by its environment."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Protocol

from .emulator import Emulator
from .model import SERVER
from .processes import Child

ROOT = Path(__file__).resolve().parents[2]
OMNI = Path(os.environ.get("BENCH_OMNI", ROOT / ".build-release/release/omni"))
"""The program to measure."""

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
NOTES = """\
  - name: %s
    protocol: http
    url: %s
    role_restrictions: {dba: {allow_all: true}}
"""


class Bot(Protocol):
    """How a bot is started; `connections` is the number of Socket Mode connections that it opens."""

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

    def __init__(
        self, command: tuple[str, ...] = (str(OMNI),), variables: dict[str, str] | None = None,
        process: str | None = None, notes: str | None = None, streaming: bool = False
    ) -> None:
        self.command = command
        """The program and its first arguments."""
        self.variables = variables or {}
        self.process = process
        """The process name (OMNI_PROCESS) among those that share a store; it also names a folder of its own."""
        self.notes = notes
        """The URL of the MCP server with the tool that notes."""
        self.streaming = streaming
        """Whether answers are streamed, as by default. The compared bot edits a progress message."""

    async def start(self, emulator: Emulator, model: str, database: str, folder: Path) -> Child:
        variables = self.variables
        if self.process is not None:
            folder, variables = folder / self.process, {"OMNI_PROCESS": self.process} | variables
        config = folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        (config / "settings.yaml").write_text(SETTINGS)
        (config / "users.yaml").write_text(USERS)
        (config / "slack.yaml").write_text(f"behavior: {{streaming: {str(self.streaming).lower()}}}\n")
        (config / "mcps.yaml").write_text(MCPS % OMNI + (NOTES % (SERVER, self.notes) if self.notes else ""))
        variables = {"OMNI_CONFIG": str(config), "OMNI_DATA": str(folder / "data")} | variables
        return await Child.start(
            self.process or self.name, [*self.command, "run"], folder,
            environment(emulator, model, database) | variables)


class Python:
    name = "python"
    connections = 1

    async def start(self, emulator: Emulator, model: str, database: str, folder: Path) -> Child:
        variables = {"PYTHONPATH": str(ROOT)}
        return await Child.start(
            self.name, [sys.executable, "-m", "bench.python_bot"], folder,
            environment(emulator, model, database) | variables)


async def connected(
    bot: Bot, child: Child, emulator: Emulator, within: float = 240, connections: int | None = None
) -> None:
    """Returns when the workspace has this number of live connections, by default those of one bot. Raises RuntimeError
    with the end of the bot's log when the bot exits or `within` seconds have passed.
    """
    wanted = bot.connections if connections is None else connections
    try:
        async with asyncio.timeout(within):
            while await emulator.live_connections() < wanted:
                if not child.is_running:
                    raise RuntimeError(f"{bot.name} ended: {child.last_words()}")
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise RuntimeError(f"{bot.name} did not connect: {child.last_words()}") from None
