"""make bench-record: how fast the reports are over a large audit log.

    RECORD_ROWS   sizes of the audit log in millions, separated by commas (default 1; 1,10 also gives their ratio)
    RECORD_RUNS   requests of each report and period (default 30)
    RECORD_SQLITE 0 leaves out the embedded store

The rows are spread over the last 360 days, with 2.5 tool calls each. The reports are requested over the side port of
a running bot, warm. The lower bound is the time of an index-only scan over the same period's keys in the same run.
"""

import asyncio
import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg

from .harness.bots import OMNI, Omni, connected
from .harness.emulator import Emulator
from .harness.postgres import Postgres
from .harness.processes import Child, run
from .harness.report import percentile, save, table

SIZES = [float(size) for size in os.environ.get("RECORD_ROWS", "1").split(",")]
RUNS = int(os.environ.get("RECORD_RUNS", "30"))
WITH_SQLITE = os.environ.get("RECORD_SQLITE", "1") != "0"
DAYS = 360
TOKEN = "bench-token"
BYTES_PER_ROW = 4_000
"""Of one audit row with its calls and indexes, for the check of the disk."""

REPORTS = [
    "cost_summary", "cost_summary?group_by=user", "cost_summary?group_by=day", "top_expensive_queries",
    "slow_queries", "iteration_analysis", "error_summary", "failed_queries", "active_users", "tool_popularity",
    "mcp_health_summary", "token_usage", "cache_hit_rate"]
PERIODS = ["today", "week", "month", "all"]

AUDIT = """
INSERT INTO audit_logs (timestamp, created_at, user_email, user_name, user_role, request_type, question, message,
    message_preview, iterations, tool_calls_count, tools_used, mcps_accessed, tokens_input, tokens_output,
    tokens_cached, tokens_cache_write, cost_nano, model, price_known, success, status, duration_ms, error_message,
    error_code, slack_channel, question_id, chain_day, seq, hash_version)
SELECT at, at, 'user' || n % 200 || '@acme.example', 'User ' || n % 200, 'dba', 'chat', 'Why is checkout slow?',
    'Why is checkout slow?', 'Why is checkout slow?', 1 + n % 7, 2, ARRAY['ops.tool' || n % 40, 'ops.tool1'],
    ARRAY['ops'], 100 + n % 900, 50 + n % 500, n % 9000, n % 400, (n * 7919) % 90000000, 'claude-sonnet-5-5', true,
    n % 20 <> 0, CASE WHEN n % 20 = 0 THEN 'error' ELSE 'success' END, (n * 104729) % 60000,
    CASE WHEN n % 20 = 0 THEN 'The model is overloaded (' || n % 7 || ').' END,
    CASE WHEN n % 20 = 0 THEN 'model_overloaded' END, 'C' || n % 30, 'Q' || n, '2020-01-01', n, 1
FROM (SELECT n, $1::timestamptz + n * $2::interval AS at FROM generate_series($3::bigint, $4::bigint) AS n) AS rows
"""
CALLS = """
INSERT INTO tool_calls (question_id, call_id, user_email, server, tool, status, ms, bytes, verdict, error, created_at)
SELECT 'Q' || n, 'c' || k, 'user' || n % 200 || '@acme.example', 'ops' || n % 5, 'tool' || (n + k) % 40,
    CASE WHEN n % 25 = 0 THEN 'failed' ELSE 'succeeded' END, (n * 7919 + k) % 9000, 1000, 'allow',
    CASE WHEN n % 25 = 0 THEN 'It timed out.' END, $1::timestamptz + n * $2::interval
FROM generate_series($3::bigint, $4::bigint) AS n, generate_series(1, 2 + (n % 2)::int) AS k
"""


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
        for size in SIZES:
            database = await postgres.database()
            name = f"PostgreSQL, {size:g} million"
            url = postgres.url(database)
            figures[name] = await fill(postgres, database, url, folder, int(size * 1_000_000))
            figures[name] |= await measure(emulator, url, folder / f"bot-{size:g}")
            figures[name] |= await lower_bounds(postgres, database)
        if WITH_SQLITE:
            path = folder / "record.db"
            url = f"sqlite:///{path}"
            figures["SQLite, 1 million"] = await fill_sqlite(path, url, folder, 1_000_000)
            figures["SQLite, 1 million"] |= await measure(emulator, url, folder / "bot-sqlite")
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


async def fill(postgres: Postgres, database: str, url: str, folder: Path, rows: int) -> dict[str, float]:
    await omni(folder, url, "init-db")
    connection = await postgres.connect(database)
    try:
        end = datetime.now(UTC)
        start = end - timedelta(days=DAYS)
        await partitions(connection, start, end)
        step, size = timedelta(days=DAYS) / rows, 50_000
        begin = time.monotonic()
        for first in range(0, rows, size):
            last = min(first + size, rows) - 1
            await connection.execute(AUDIT, start, step, first, last)
            await connection.execute(CALLS, start, step, first, last)
        seconds = time.monotonic() - begin
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    rebuilding = await omni(folder, url, "audit", "rebuild")
    return {"plain INSERT, rows/s": rows / seconds, "rebuild of the totals, rows/s": rows / rebuilding}


async def partitions(connection: asyncpg.Connection, start: datetime, end: datetime) -> None:
    month = start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while month <= end:
        following = (month + timedelta(days=32)).replace(day=1)
        for name in ("audit_logs", "tool_calls"):
            await connection.execute(
                f"CREATE TABLE IF NOT EXISTS {name}_{month:%Y_%m} PARTITION OF {name}"
                f" FOR VALUES FROM ('{month:%Y-%m-%d} 00:00:00+00') TO ('{following:%Y-%m-%d} 00:00:00+00')")
        month = following


async def fill_sqlite(path: Path, url: str, folder: Path, rows: int) -> dict[str, float]:
    await omni(folder, url, "init-db")
    seconds = await asyncio.to_thread(insert_into_sqlite, path, rows)
    rebuilding = await omni(folder, url, "audit", "rebuild")
    return {"plain INSERT, rows/s": rows / seconds, "rebuild of the totals, rows/s": rows / rebuilding}


def insert_into_sqlite(path: Path, rows: int) -> float:
    start, step = datetime.now(UTC) - timedelta(days=DAYS), timedelta(days=DAYS) / rows
    begin = time.monotonic()
    with sqlite3.connect(path) as connection:
        for first in range(0, rows, 50_000):
            batch = range(first, min(first + 50_000, rows))
            times = [(start + n * step).strftime("%Y-%m-%dT%H:%M:%S.000Z") for n in batch]
            connection.executemany(
                "INSERT INTO audit_logs (timestamp, created_at, user_email, user_name, user_role, request_type,"
                " question, message, message_preview, iterations, tool_calls_count, tools_used, mcps_accessed,"
                " tokens_input, tokens_output, tokens_cached, cost_nano, model, success, status, duration_ms,"
                " question_id, chain_day, seq, hash_version)"
                " VALUES (?, ?, ?, 'User', 'dba', 'chat', 'Why?', 'Why?', 'Why?', ?, 2, '[\"ops.tool1\"]', '[\"ops\"]',"
                " ?, 50, 700, ?, 'claude-sonnet-5-5', ?, ?, ?, ?, '2020-01-01', ?, 1)",
                [(at, at, f"user{n % 200}@acme.example", 1 + n % 7, n % 900, n * 7919 % 90_000_000, n % 20 != 0,
                  "success" if n % 20 else "error", n * 104729 % 60_000, f"Q{n}", n)
                 for n, at in zip(batch, times, strict=True)])
            connection.executemany(
                "INSERT INTO tool_calls (question_id, call_id, server, tool, status, ms, verdict, created_at)"
                " VALUES (?, ?, ?, ?, 'succeeded', ?, 'allow', ?)",
                [(f"Q{n}", f"c{k}", f"ops{n % 5}", f"tool{(n + k) % 40}", (n * 7919 + k) % 9000, at)
                 for n, at in zip(batch, times, strict=True) for k in range(2 + n % 2)])
            connection.commit()
        connection.execute("ANALYZE")
    return time.monotonic() - begin


async def measure(emulator: Emulator, url: str, folder: Path) -> dict[str, float]:
    """The milliseconds of every report and period."""
    folder.mkdir()
    bot = Omni(variables={"DATABASE_URL": url, "OMNI_ADMIN_TOKEN": TOKEN})
    child = await bot.start(emulator, "http://127.0.0.1:9", url, folder)
    figures: dict[str, float] = {}
    try:
        await connected(bot, child, emulator)
        base = f"http://127.0.0.1:{await side_port(child)}/admin/analytics/"
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            for report in REPORTS:
                for period in [""] if report.startswith("mcp_health") else PERIODS:
                    joint = "&" if "?" in report else "?"
                    address = base + report + (f"{joint}period={period}" if period else "")
                    times = [await timed(session, address) for _ in range(RUNS + 3)][3:]
                    label = f"{report} {period}".strip()
                    figures[f"{label}, p50 ms"] = percentile(times, 0.5)
                    figures[f"{label}, p95 ms"] = percentile(times, 0.95)
    finally:
        await child.stop()
    return figures


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
        for period, start in starts.items():
            times = []
            for _ in range(RUNS):
                begin = time.monotonic()
                await connection.fetchval("SELECT count(*) FROM audit_logs WHERE created_at >= $1", start)
                times.append((time.monotonic() - begin) * 1000)
            figures[f"lower bound {period}, p50 ms"] = percentile(times, 0.5)
    finally:
        await connection.close()
    return figures


def show(figures: dict[str, dict[str, float]]) -> None:
    names = list(figures)
    labels = list(dict.fromkeys(label for column in figures.values() for label in column))
    large = [name for name in names if name.startswith("PostgreSQL")]
    rows = []
    for label in labels:
        row: list[object] = [label, *(figures[name].get(label) for name in names)]
        if len(large) > 1:
            first, last = (figures[name].get(label) for name in (large[0], large[-1]))
            row.append(last / first if first and last else None)
        rows.append(row)
    print(table(["", *names, *(["ratio"] if len(large) > 1 else [])], rows))


if __name__ == "__main__":
    run(main())
