"""A large audit log with tool calls and roll-ups, and its copy in SQLite."""

import asyncio
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from .bulk import without_indexes
from .postgres import Postgres
from .rollups import ROLLUPS

DAYS = 360
"""The time over which the rows are spread, which ends now."""

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
FROM (SELECT n, date_trunc('milliseconds', {start} + n * {step}) AS at
    FROM generate_series({first}::bigint, {last}::bigint) AS n) AS rows
"""
CALLS = """
INSERT INTO tool_calls (question_id, call_id, user_email, server, tool, status, ms, bytes, verdict, error, created_at)
SELECT 'Q' || n, 'c' || k, 'user' || n % 200 || '@acme.example', 'ops' || n % 5, 'tool' || (n + k) % 40,
    CASE WHEN n % 25 = 0 THEN 'failed' WHEN (n + k) % 50 = 7 THEN 'denied' ELSE 'succeeded' END,
    CASE WHEN (n + k) % 50 = 7 THEN 0 ELSE (n * 7919 + k) % 9000 END, 1000,
    CASE WHEN n % 25 <> 0 AND (n + k) % 50 = 7 THEN 'deny' ELSE 'allow' END,
    CASE WHEN n % 25 = 0 THEN 'It timed out.' END, date_trunc('milliseconds', {start} + n * {step})
FROM generate_series({first}::bigint, {last}::bigint) AS n, generate_series(1, 2 + (n % 2)::int) AS k
"""


class AuditLog:
    """The audit log of a database with Omni's schema. Each row has 2.5 tool calls on average."""

    def __init__(self, postgres: Postgres, database: str, rows: int) -> None:
        self._postgres = postgres
        self._database = database
        self.rows = rows
        self._start = datetime.now(UTC) - timedelta(days=DAYS)

    async def fill(self) -> None:
        """Writes the rows and the roll-ups."""
        await self._postgres.set_checkpoints(False)
        connection = await self._postgres.connect(self._database)
        try:
            await self._make_partitions(connection)
            await asyncio.gather(self._load("audit_logs", [self._statement(AUDIT)]),
                                 self._load("tool_calls", [self._statement(CALLS)]))
            await connection.execute("ANALYZE audit_logs, tool_calls")
            await asyncio.gather(*(self._load(table, statements) for table, statements in ROLLUPS.items()))
            # Without this note the bot computes the roll-ups anew. The name is Omni's for UTC.
            await connection.execute("INSERT INTO rollup_state (id, time_zone) VALUES (1, 'GMT')")
            await connection.execute("VACUUM ANALYZE")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()
        await self._postgres.set_checkpoints(True)

    async def insert(self, count: int, rows_at_once: int = 1000) -> float:
        """Inserts the first rows once more, with all indexes, and returns the seconds."""
        connection = await self._postgres.connect(self._database)
        try:
            begin = time.monotonic()
            for first in range(0, count, rows_at_once):
                async with connection.transaction():
                    for sql in (AUDIT, CALLS):
                        await connection.execute(self._statement(sql, first, first + rows_at_once - 1))
            return time.monotonic() - begin
        finally:
            await connection.close()

    async def copy(self, path: Path) -> None:
        """Copies rows and roll-ups to a SQLite store, which has Omni's schema and is empty."""
        source = await self._postgres.connect(self._database)
        # Autocommit; each table is one transaction. No other thread uses it at the same time.
        target = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            target.execute("PRAGMA synchronous = OFF")
            target.execute("PRAGMA cache_size = -500000")
            for table in ["audit_logs", "tool_calls", *ROLLUPS, "rollup_state"]:
                await _copy(source, target, table)
            target.execute("ANALYZE")
        finally:
            target.close()
            await source.close()

    async def _load(self, table: str, statements: list[str]) -> None:
        connection = await self._postgres.connect(self._database)
        try:
            await connection.execute("SET work_mem = '256MB'")
            async with without_indexes(connection, table):
                for statement in statements:
                    await connection.execute(statement)
        finally:
            await connection.close()

    def _statement(self, sql: str, first: int = 0, last: int | None = None) -> str:
        last = self.rows - 1 if last is None else last
        start = f"'{self._start.isoformat()}'::timestamptz"
        step = f"'{DAYS * 86_400 * 1_000_000 / self.rows} microseconds'::interval"
        return sql.format(start=start, step=step, first=first, last=last)

    async def _make_partitions(self, connection: asyncpg.Connection) -> None:
        month = self._start.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        while month <= datetime.now(UTC):
            following = (month + timedelta(days=32)).replace(day=1)
            for name in ("audit_logs", "tool_calls"):
                await connection.execute(
                    f"CREATE TABLE IF NOT EXISTS {name}_{month:%Y_%m} PARTITION OF {name}"
                    f" FOR VALUES FROM ('{month:%Y-%m-%d} 00:00:00+00') TO ('{following:%Y-%m-%d} 00:00:00+00')")
            month = following


async def _copy(source: asyncpg.Connection, target: sqlite3.Connection, table: str) -> None:
    """Copies a table by the names of its columns, without its indexes, which are made again afterwards."""
    indexes = target.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,))
    indexes = indexes.fetchall()
    columns = target.execute(f"PRAGMA table_info({table})").fetchall()
    names = [name for _, name, *_ in columns]
    keys = [name for key, name in sorted((column[5], column[1]) for column in columns) if key]
    types = {row["attname"]: row["type"] for row in await source.fetch(
        "SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute WHERE attrelid = $1::regclass", table)}
    wanted = ", ".join(_converted(name, types[name]) for name in names)
    for name, _ in indexes:
        target.execute(f"DROP INDEX {name}")
    insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"
    async with source.transaction():
        cursor = await source.cursor(f"SELECT {wanted} FROM {table} ORDER BY {', '.join(keys)}")
        target.execute("BEGIN")
        while rows := await cursor.fetch(20_000):
            await asyncio.to_thread(target.executemany, insert, [tuple(row) for row in rows])
        target.execute("COMMIT")
    for _, sql in indexes:
        await asyncio.to_thread(target.execute, sql)


def _converted(name: str, kind: str) -> str:
    """The expression for a column's value as the SQLite store has it."""
    if kind == "timestamp with time zone":
        return f"""to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
    if kind.endswith("[]"):
        return f"to_json({name})::text"
    if kind == "boolean":
        return f"{name}::int"
    return f"{name}::text" if kind in ("jsonb", "inet", "numeric") else name
