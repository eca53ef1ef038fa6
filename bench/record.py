"""make bench-record: how fast the reports are over a large audit log.

    RECORD_ROWS   sizes of the audit log in millions, separated by commas (default 1; 1,10 also gives their ratio)
    RECORD_RUNS   requests of each report and period (default 30)
    RECORD_SQLITE 0 leaves out the embedded store, which has the rows of the first size

The rows are spread over the last 360 days, with 2.5 tool calls each. The reports are requested over the side port of
a running bot, warm. The lower bound is the time of an index-only scan over the same period's keys in the same run.
First the roll-ups of a small audit log, which are computed in bulk, are compared with those of `omni audit rebuild`.
"""

import asyncio
import os
import shutil
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from .harness.audit_log import DAYS, AuditLog
from .harness.bots import OMNI, Omni, connected
from .harness.emulator import Emulator
from .harness.postgres import Postgres
from .harness.processes import Child, run
from .harness.report import percentile, save, table
from .harness.rollups import snapshot

SIZES = [float(size) for size in os.environ.get("RECORD_ROWS", "1").split(",")]
RUNS = int(os.environ.get("RECORD_RUNS", "30"))
WITH_SQLITE = os.environ.get("RECORD_SQLITE", "1") != "0"
TOKEN = "bench-token"
BYTES_PER_ROW = 4_000
"""Of one audit row with its calls and indexes, for the check of the disk."""
COMPARED = 5_000
"""Rows of the small audit log whose roll-ups are compared."""
INSERTED = 20_000
"""Rows that are inserted to measure the rate."""
CALLED, CALLERS = 3_000, 32
"""Tool calls over HTTP to measure the rate of Omni, and how many are under way at a time."""

REPORTS = [
    "cost_summary", "cost_summary?group_by=user", "cost_summary?group_by=day", "top_expensive_queries",
    "slow_queries", "iteration_analysis", "error_summary", "failed_queries", "active_users", "tool_popularity",
    "mcp_health_summary", "token_usage", "cache_hit_rate"]
PERIODS = ["today", "week", "month", "all"]


async def main() -> int:
    figures: dict[str, dict[str, float]] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omni-record-")))
        need = max(SIZES) * 1_000_000 * BYTES_PER_ROW * 1.5
        if shutil.disk_usage(folder).free < need:
            print(f"{folder} has less than {need / 1e9:.0f} GB free.")
            return 1
        postgres = Postgres(folder)
        stack.push_async_callback(postgres.stop)
        await postgres.make()
        emulator = await Emulator.start(OMNI, folder, False)
        stack.push_async_callback(emulator.stop)
        rebuilding = await compare(postgres, folder)
        for size in SIZES:
            database = await postgres.database()
            log, url = AuditLog(postgres, database, int(size * 1_000_000)), postgres.url(database)
            await omni(folder, url, "init-db")
            name, begin = f"PostgreSQL, {size:g} million", time.monotonic()
            await log.fill()
            filling = log.rows / (time.monotonic() - begin)
            figures[name] = await measure(emulator, url, folder / f"bot-{size:g}")
            figures[name] |= await lower_bounds(postgres, database)
            figures[name] |= {"filling, rows/s": filling, "rebuild of the roll-ups, rows/s": rebuilding}
            if WITH_SQLITE and size == SIZES[0]:
                path = folder / "record.db"
                await omni(folder, f"sqlite:///{path}", "init-db")
                await log.copy(path)
                figures[f"SQLite, {size:g} million"] = await measure(
                    emulator, f"sqlite:///{path}", folder / "bot-sqlite")
            inserted = min(INSERTED, log.rows)
            figures[name]["plain INSERT, rows/s"] = inserted / await log.insert(inserted)
    show(figures)
    save("record", {"figures": figures})
    return 0


async def omni(folder: Path, url: str, *arguments: str) -> float:
    """Runs a command and returns its seconds. Raises RuntimeError when it fails."""
    start = time.monotonic()
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "OMNI_DATA": str(folder / "data")}
    process = await asyncio.create_subprocess_exec(
        str(OMNI), *arguments, "--config", str(folder), env=environment, cwd=folder)
    if await process.wait() != 0:
        raise RuntimeError(f"omni {arguments[0]} failed")
    return time.monotonic() - start


async def compare(postgres: Postgres, folder: Path) -> float:
    """Compares roll-ups that are computed in bulk with those of `omni audit rebuild`. Returns the latter's rows a second.

    Raises RuntimeError where they differ.
    """
    database = await postgres.database()
    await omni(folder, postgres.url(database), "init-db")
    await AuditLog(postgres, database, COMPARED).fill()
    connection = await postgres.connect(database)
    try:
        bulk = await snapshot(connection)
        seconds = await omni(folder, postgres.url(database), "audit", "rebuild")
        rebuilt = await snapshot(connection)
    finally:
        await connection.close()
    if bulk != rebuilt:
        raise RuntimeError(f"the roll-ups differ, for example {sorted(bulk ^ rebuilt)[:4]}")
    return COMPARED / seconds


async def measure(emulator: Emulator, url: str, folder: Path) -> dict[str, float]:
    """The milliseconds of every report and period."""
    folder.mkdir()
    bot = Omni(variables={"DATABASE_URL": url, "OMNI_ADMIN_TOKEN": TOKEN})
    child = await bot.start(emulator, "http://127.0.0.1:9", url, folder)
    figures: dict[str, float] = {}
    try:
        await connected(bot, child, emulator)
        port = f"http://127.0.0.1:{await side_port(child)}"
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            for report in REPORTS:
                for period in [""] if report.startswith("mcp_health") else PERIODS:
                    joint = "&" if "?" in report else "?"
                    address = f"{port}/admin/analytics/{report}" + (f"{joint}period={period}" if period else "")
                    times = [await timed(session, address) for _ in range(RUNS + 3)][3:]
                    label = f"{report} {period}".strip()
                    figures[f"{label}, p50 ms"] = percentile(times, 0.5)
                    figures[f"{label}, p95 ms"] = percentile(times, 0.95)
            figures["recorded by Omni, rows/s"] = CALLED / await called(session, port)
    finally:
        await child.stop()
    return figures


async def called(session: aiohttp.ClientSession, port: str) -> float:
    """The seconds that CALLED calls of a tool of the demo take, each of which is stored, run and recorded."""
    call = {"server": "ops", "tool": "list_services", "arguments": {}, "user_id": "user1@acme.example"}
    left = iter(range(CALLED))

    async def some() -> None:
        for _ in left:
            async with session.post(f"{port}/mcp/tools/call", json=call) as response:
                if response.status != 200:
                    raise RuntimeError(f"{call}: {response.status} {(await response.text())[:200]}")

    begin = time.monotonic()
    await asyncio.gather(*(some() for _ in range(CALLERS)))
    return time.monotonic() - begin


async def side_port(child: Child) -> int:
    """The port, from the sockets that the process listens on."""
    inodes = {os.readlink(f"/proc/{child.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{child.pid}/fd")}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
            return int(fields[1].split(":")[1], 16)
    raise RuntimeError("the bot listens on no port")


async def timed(session: aiohttp.ClientSession, address: str) -> float:
    start = time.monotonic()
    async with session.get(address) as response:
        body = await response.text()
        if response.status != 200:
            raise RuntimeError(f"{address}: {response.status} {body[:200]}")
    return (time.monotonic() - start) * 1000


async def lower_bounds(postgres: Postgres, database: str) -> dict[str, float]:
    """The milliseconds of an index-only scan over the audit log's times of each period."""
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "today": midnight, "week": midnight - timedelta(days=6), "month": midnight.replace(day=1),
        "all": now - timedelta(days=2 * DAYS)}
    connection = await postgres.connect(database)
    figures = {}
    try:
        await connection.execute("SET enable_seqscan = off")
        for period, start in starts.items():
            times = []
            for _ in range(RUNS):
                begin = time.monotonic()
                await connection.fetchval("SELECT count(*) FROM audit_logs WHERE created_at >= $1", start)
                times.append((time.monotonic() - begin) * 1000)
            figures[f"lower bound {period}, p50 ms"] = percentile(times, 0.5)
            figures[f"lower bound {period}, p95 ms"] = percentile(times, 0.95)
    finally:
        await connection.close()
    return figures


def show(figures: dict[str, dict[str, float]]) -> None:
    """Prints the rates, and each report's p95 beside the lower bound of its period and the ratio of the sizes."""
    large = [name for name in figures if name.startswith("PostgreSQL")]
    labels = list(dict.fromkeys(label for column in figures.values() for label in column))
    rows = []
    for label in labels:
        if label.endswith("p50 ms"):
            continue
        row: list[object] = [label, *(column.get(label) for column in figures.values())]
        period = label.removesuffix(", p95 ms").split()[-1]
        bound = f"lower bound {period}, p95 ms"
        row.append(figures[large[-1]].get(bound) if label != bound else None)
        first, last = (figures[name].get(label) for name in (large[0], large[-1]))
        row.append(last / first if len(large) > 1 and first and last else None)
        rows.append(row)
    print(table(["", *figures, f"lower bound, {large[-1]}", "ratio of the sizes"], rows))


if __name__ == "__main__":
    run(main())
