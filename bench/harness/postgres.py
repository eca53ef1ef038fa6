"""A PostgreSQL server for one run, with PostgreSQL's default durability settings."""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
from pathlib import Path
from urllib.parse import quote

import asyncpg

from .disk import Disk
from .processes import Child

TABLESPACE = "small"


class Postgres:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "postgres"
        self.disk = Disk(self.folder / "disk")
        """The tablespace of databases, if mounted. The WAL is on another disk, so that the server keeps running."""
        self._server: Child | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://omni@/{database}?host={quote(str(self.folder), safe='')}&port=5432"

    async def make(self, small_disk: bool = False) -> None:
        """Creates the cluster and starts it. With `small_disk` the databases are on a disk of their own, if one can be
        mounted.
        """
        self.folder.mkdir()
        uid, gid = os.geteuid(), os.getegid()
        if uid == 0:
            owner = pwd.getpwnam("postgres")
            uid, gid = owner.pw_uid, owner.pw_gid
            os.chown(self.folder, uid, gid)
            # The parent folder is accessible to this user only, and the server's user must reach its own folder.
            self.folder.parent.chmod(0o711)
        process = await asyncio.create_subprocess_exec(
            *_as_owner(), _program("initdb"), "-D", str(self.folder / "data"), "-A", "trust", "-U", "omni", "-E",
            "UTF8", "--locale=C.UTF-8", "--no-instructions", stdout=asyncio.subprocess.DEVNULL, cwd="/")
        if await process.wait() != 0:
            raise RuntimeError("initdb failed")
        await self.start()
        if small_disk and await self.disk.mount(uid, gid):
            await self._execute(f"CREATE TABLESPACE {TABLESPACE} LOCATION '{self.disk.folder}'")

    async def start(self) -> None:
        """Returns when the server accepts connections."""
        self._server = await Child.start(
            "postgres",
            [*_as_owner(), _program("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), "-c",
             "listen_addresses=", "-c", "max_connections=200"], self.folder.parent)
        async with asyncio.timeout(60):
            while True:
                try:
                    connection = await self.connect()
                    return await connection.close()
                except (OSError, asyncpg.PostgresError):
                    if not self._server.is_running:
                        raise RuntimeError(f"PostgreSQL ended: {self._server.last_words()}") from None
                    await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Ends all sessions and the server at once, as `pg_ctl stop -m fast` does."""
        if self._server is not None:
            await self._server.stop(signal.SIGINT)

    async def set_read_only(self, is_read_only: bool) -> None:
        """Sets the default for transactions that begin from now on, in existing sessions as well."""
        # ALTER SYSTEM is allowed in read-only transactions.
        if is_read_only:
            await self._execute("ALTER SYSTEM SET default_transaction_read_only = on")
        else:
            await self._execute("ALTER SYSTEM RESET default_transaction_read_only")
        await self._execute("SELECT pg_reload_conf()")

    async def set_checkpoints(self, are_usual: bool) -> None:
        """Sets PostgreSQL's usual checkpoints, or next to none, for the time in which tables are filled."""
        for name, value in (("max_wal_size", "64GB"), ("checkpoint_timeout", "1h")):
            await self._execute(f"ALTER SYSTEM RESET {name}" if are_usual else f"ALTER SYSTEM SET {name} = '{value}'")
        await self._execute("SELECT pg_reload_conf()")

    async def connect(self, database: str = "postgres") -> asyncpg.Connection:
        return await asyncpg.connect(user="omni", database=database, host=str(self.folder), port=5432)

    async def database(self) -> str:
        """Creates an empty database and returns its name."""
        name = f"bench_{secrets.token_hex(4)}"
        place = f" TABLESPACE {TABLESPACE}" if self.disk.is_mounted else ""
        await self._execute(f"CREATE DATABASE {name}{place}")
        return name

    async def _execute(self, statement: str) -> None:
        connection = await self.connect()
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _as_owner() -> list[str]:
    """The command prefix that runs a program as `postgres`: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig", "INT", "--"]


def _program(name: str) -> str:
    """The program's path: on the PATH, or in Debian's folder for PostgreSQL's server programs."""
    if found := shutil.which(name):
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    if not versions:
        raise RuntimeError(f"{name} is not installed: scripts/setup bench")
    return str(versions[-1])
