"""The record: questions, audit rows and tool calls in PostgreSQL."""

import json
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import asyncpg

SCHEMA = """
CREATE TABLE IF NOT EXISTS questions (
    id uuid PRIMARY KEY,
    origin_key text NOT NULL UNIQUE,
    thread_key text NOT NULL,
    asker text NOT NULL,
    text text NOT NULL,
    state text NOT NULL DEFAULT 'received',
    answer text,
    asked_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX IF NOT EXISTS questions_thread ON questions (thread_key, asked_at DESC);
CREATE TABLE IF NOT EXISTS audit_logs (
    id bigserial PRIMARY KEY,
    question_id uuid NOT NULL,
    user_email text,
    question text NOT NULL,
    answer text,
    status text NOT NULL,
    iterations integer NOT NULL,
    tools_used text[] NOT NULL,
    tokens_input bigint NOT NULL,
    tokens_output bigint NOT NULL,
    tokens_cached bigint NOT NULL,
    cost numeric(12, 9) NOT NULL,
    duration_ms bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS audit_logs_question ON audit_logs (question_id);
CREATE TABLE IF NOT EXISTS tool_calls (
    id bigserial PRIMARY KEY,
    question_id uuid NOT NULL,
    tool text NOT NULL,
    arguments jsonb,
    status text NOT NULL,
    ms bigint NOT NULL,
    bytes bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
"""


@dataclass
class ToolCall:
    tool: str
    arguments: dict[str, Any]
    status: str
    ms: int
    bytes: int


@dataclass
class Usage:
    """What an answer took."""

    iterations: int = 0
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cached: int = 0
    cost: Decimal = Decimal(0)
    calls: list[ToolCall] = field(default_factory=list)


class Store:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> "Store":
        async def prepare(connection: asyncpg.Connection) -> None:
            await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")

        pool = await asyncpg.create_pool(url, min_size=2, max_size=10, init=prepare)
        await pool.execute(SCHEMA)
        return cls(pool)

    async def close(self) -> None:
        await self._pool.close()

    async def accept(self, origin_key: str, thread_key: str, asker: str, text: str) -> uuid.UUID | None:
        """Stores a question; None when it was stored before."""
        return await self._pool.fetchval(
            "INSERT INTO questions (id, origin_key, thread_key, asker, text) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (origin_key) DO NOTHING RETURNING id", uuid.uuid4(), origin_key, thread_key, asker, text)

    async def earlier(self, thread_key: str, question: uuid.UUID) -> list[tuple[str, str]]:
        """The thread's last questions with their answers, oldest first."""
        rows = await self._pool.fetch(
            "SELECT text, answer FROM questions WHERE thread_key = $1 AND id <> $2 AND answer IS NOT NULL "
            "ORDER BY asked_at DESC LIMIT 10", thread_key, question)
        return [(row["text"], row["answer"]) for row in reversed(rows)]

    async def finish(
        self, question: uuid.UUID, email: str, text: str, answer: str, status: str, usage: Usage, ms: int
    ) -> None:
        """The ending, its audit row and its tool calls: all or nothing."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "UPDATE questions SET state = $2, answer = $3, finished_at = now() WHERE id = $1", question, status,
                answer)
            await connection.execute(
                "INSERT INTO audit_logs (question_id, user_email, question, answer, status, iterations, tools_used, "
                "tokens_input, tokens_output, tokens_cached, cost, duration_ms) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", question, email, text, answer, status,
                usage.iterations, [call.tool for call in usage.calls], usage.tokens_input, usage.tokens_output,
                usage.tokens_cached, usage.cost, ms)
            await connection.executemany(
                "INSERT INTO tool_calls (question_id, tool, arguments, status, ms, bytes) "
                "VALUES ($1, $2, $3, $4, $5, $6)",
                [(question, call.tool, call.arguments, call.status, call.ms, call.bytes) for call in usage.calls])
