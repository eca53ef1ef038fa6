"""The store in PostgreSQL: questions with their claims, users, steps, posts, audit rows and tool calls."""

import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from .question import Question, Usage

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    slack_id text PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    role text NOT NULL DEFAULT 'dba',
    is_active boolean NOT NULL DEFAULT true
);
CREATE TABLE IF NOT EXISTS questions (
    id uuid PRIMARY KEY,
    origin_key text NOT NULL UNIQUE,
    team text NOT NULL,
    channel text NOT NULL,
    ts text NOT NULL,
    thread text NOT NULL,
    asker text NOT NULL,
    text text NOT NULL,
    state text NOT NULL DEFAULT 'running',
    epoch integer NOT NULL DEFAULT 1,
    leased_until timestamptz NOT NULL,
    answer text,
    asked_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX IF NOT EXISTS questions_thread ON questions (channel, thread, asked_at DESC);
CREATE INDEX IF NOT EXISTS questions_running ON questions (leased_until) WHERE state = 'running';
CREATE TABLE IF NOT EXISTS question_steps (
    question_id uuid NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (question_id, number)
);
CREATE TABLE IF NOT EXISTS posts (
    question_id uuid PRIMARY KEY,
    state text NOT NULL,
    ts text,
    updated_at timestamptz NOT NULL DEFAULT now()
);
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
CREATE UNIQUE INDEX IF NOT EXISTS audit_logs_question ON audit_logs (question_id);
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
LEASE = "interval '30 seconds'"
CLAIMED = "id, epoch, team, channel, ts, thread, asker, text"


class TakenOver(Exception):
    """This claim is no longer valid: a newer claim has taken the question over, or the question is finished."""


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

    @asynccontextmanager
    async def held(self, question: Question) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that holds the question's row lock. Raises TakenOver if this claim is not valid."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(
                    "SELECT true FROM questions WHERE id = $1 AND epoch = $2 AND state = 'running' FOR UPDATE",
                    question.id, question.epoch):
                raise TakenOver(question.id)
            yield connection

    async def accept(self, team: str, channel: str, ts: str, thread: str, asker: str, text: str) -> Question | None:
        """Stores and claims a question; None if it is stored already."""
        row = await self._pool.fetchrow(
            "INSERT INTO questions (id, origin_key, team, channel, ts, thread, asker, text, leased_until) "
            f"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + {LEASE}) "
            f"ON CONFLICT (origin_key) DO NOTHING RETURNING {CLAIMED}",
            uuid.uuid4(), f"{team}:{channel}:{ts}", team, channel, ts, thread, asker, text)
        return Question(**row) if row else None

    async def claim_abandoned(self) -> list[Question]:
        """Claims up to 20 questions with expired leases, the oldest ones."""
        rows = await self._pool.fetch(
            f"UPDATE questions SET epoch = epoch + 1, leased_until = now() + {LEASE} WHERE id IN ("
            "SELECT id FROM questions WHERE state = 'running' AND leased_until < now() "
            f"ORDER BY asked_at LIMIT 20 FOR UPDATE SKIP LOCKED) RETURNING {CLAIMED}")
        return [Question(**row) for row in rows]

    async def unsaid(self) -> list[tuple[Question, str]]:
        """Finished questions whose answer is not recorded as posted, because their process ended in between."""
        rows = await self._pool.fetch(
            f"SELECT {CLAIMED}, answer FROM questions JOIN posts ON question_id = id "
            "WHERE questions.state <> 'running' AND posts.state <> 'answered' "
            f"AND finished_at < now() - {LEASE} LIMIT 20")
        return [(Question(**{key: row[key] for key in CLAIMED.split(", ")}), row["answer"]) for row in rows]

    async def renew(self, ids: list[uuid.UUID]) -> None:
        await self._pool.execute(
            f"UPDATE questions SET leased_until = now() + {LEASE} WHERE id = ANY($1) AND state = 'running'", ids)

    async def user(self, slack_id: str) -> asyncpg.Record | None:
        return await self._pool.fetchrow("SELECT name, email, role, is_active FROM users WHERE slack_id = $1", slack_id)

    async def add_user(self, slack_id: str, name: str, email: str) -> asyncpg.Record:
        return await self._pool.fetchrow(
            "INSERT INTO users (slack_id, name, email) VALUES ($1, $2, $3) "
            "ON CONFLICT (slack_id) DO UPDATE SET name = $2, email = $3 RETURNING name, email, role, is_active",
            slack_id, name, email)

    async def earlier(self, question: Question) -> list[tuple[str, str]]:
        """The thread's last ten answered questions with their answers, oldest first."""
        if question.ts == question.thread:
            return []
        rows = await self._pool.fetch(
            "SELECT text, answer FROM questions WHERE channel = $1 AND thread = $2 AND id <> $3 AND answer IS NOT NULL "
            "ORDER BY asked_at DESC LIMIT 10", question.channel, question.thread, question.id)
        return [(row["text"], row["answer"]) for row in reversed(rows)]

    async def finish(
        self, question: Question, email: str, answer: str, status: str, usage: Usage, ms: int
    ) -> None:
        """Writes the outcome, the audit row and the tool calls in one transaction. Raises TakenOver."""
        async with self.held(question) as connection:
            await connection.execute(
                "UPDATE questions SET state = $2, answer = $3, finished_at = now() WHERE id = $1", question.id, status,
                answer)
            await connection.execute(
                "INSERT INTO audit_logs (question_id, user_email, question, answer, status, iterations, tools_used, "
                "tokens_input, tokens_output, tokens_cached, cost, duration_ms) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", question.id, email, question.text, answer,
                status, usage.iterations, [call.tool for call in usage.calls], usage.tokens_input, usage.tokens_output,
                usage.tokens_cached, usage.cost, ms)
            await connection.executemany(
                "INSERT INTO tool_calls (question_id, tool, arguments, status, ms, bytes) "
                "VALUES ($1, $2, $3, $4, $5, $6)",
                [(question.id, call.tool, call.arguments, call.status, call.ms, call.bytes) for call in usage.calls])

    async def steps(self, question: Question) -> list[tuple[str, dict]]:
        rows = await self._pool.fetch(
            "SELECT kind, payload FROM question_steps WHERE question_id = $1 ORDER BY number", question.id)
        return [(row["kind"], row["payload"]) for row in rows]

    async def add_step(self, question: Question, number: int, kind: str, payload: dict) -> None:
        """Checks the claim and writes the step in one statement. Raises TakenOver."""
        if not await self._pool.fetchval(
                "INSERT INTO question_steps (question_id, number, kind, payload) "
                "SELECT id, $3, $4, $5 FROM questions WHERE id = $1 AND epoch = $2 AND state = 'running' "
                "RETURNING true", question.id, question.epoch, number, kind, payload):
            raise TakenOver(question.id)

    async def post(self, question: Question) -> asyncpg.Record | None:
        return await self._pool.fetchrow("SELECT state, ts FROM posts WHERE question_id = $1", question.id)

    async def note_post(self, question: Question, state: str, ts: str | None) -> None:
        """Records the state of the post: `sending` before the call, `posted` and `answered` after its response."""
        if not await self._pool.fetchval(
                "INSERT INTO posts (question_id, state, ts) "
                "SELECT id, $3, $4 FROM questions WHERE id = $1 AND epoch = $2 "
                "ON CONFLICT (question_id) DO UPDATE SET state = $3, ts = $4, updated_at = now() RETURNING true",
                question.id, question.epoch, state, ts):
            raise TakenOver(question.id)
