"""The roll-ups of the audit log, computed in bulk by PostgreSQL: the rows that `omni audit rebuild` writes.

The definition is `Rollup.entries` in Sources/Analytics/Rollups; bench/record.py compares the two. Days are those of UTC,
and names and messages are taken to be shorter than the limit of 200 characters.
"""

import asyncpg

DAY = "to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
QUESTION_KEYS = """
LATERAL (VALUES ('total', '', ''), ('user', lower(user_email), user_role), ('role', user_role, ''),
    ('channel', coalesce(slack_channel, ''), ''), ('model', coalesce(model, ''), ''), ('kind', request_type, ''))
    AS key (dimension, name, detail)
"""
CALL_KEYS = "LATERAL (VALUES ('server', server, ''), ('tool', server, tool)) AS key (dimension, name, detail)"

QUESTION_USAGE = f"""
INSERT INTO usage_rollups (day, dimension, name, detail, slot, questions, errors, warnings, blocked, calls,
    failed_calls, denied_calls, iterations, tokens_input, tokens_output, tokens_cached, tokens_cache_write, cost_nano,
    unpriced, ms, last_at)
SELECT {DAY} AS day, dimension, name, detail, 0, count(*), count(*) FILTER (WHERE status = 'error'),
    count(*) FILTER (WHERE status = 'warning'), count(*) FILTER (WHERE was_blocked), coalesce(sum(sent), 0),
    coalesce(sum(failed), 0), coalesce(sum(denied), 0), sum(iterations), sum(tokens_input), sum(tokens_output),
    sum(tokens_cached), sum(tokens_cache_write), sum(cost_nano), count(*) FILTER (WHERE NOT price_known),
    sum(duration_ms), max(created_at)
FROM audit_logs LEFT JOIN (
    SELECT question_id, count(*) FILTER (WHERE status <> 'denied') AS sent,
        count(*) FILTER (WHERE status IN ('failed', 'unknown')) AS failed,
        count(*) FILTER (WHERE status = 'denied') AS denied
    FROM tool_calls GROUP BY question_id) AS calls USING (question_id), {QUESTION_KEYS}
GROUP BY day, dimension, name, detail
"""
# A question's cost is divided equally over its sent calls; the first one gets the remainder.
CALL_USAGE = f"""
INSERT INTO usage_rollups (day, dimension, name, detail, slot, questions, errors, warnings, blocked, calls,
    failed_calls, denied_calls, iterations, tokens_input, tokens_output, tokens_cached, tokens_cache_write, cost_nano,
    unpriced, ms, last_at)
SELECT {DAY} AS day, dimension, name, detail, 0, count(DISTINCT question_id) FILTER (WHERE is_sent), 0, 0, 0,
    count(*) FILTER (WHERE is_sent), count(*) FILTER (WHERE status IN ('failed', 'unknown')),
    count(*) FILTER (WHERE NOT is_sent), 0, 0, 0, 0, 0,
    coalesce(sum(cost_nano / sent + CASE WHEN place = 1 THEN cost_nano % sent ELSE 0 END) FILTER (WHERE is_sent), 0),
    0, coalesce(sum(ms) FILTER (WHERE is_sent), 0), max(created_at)
FROM (
    SELECT calls.created_at, calls.question_id, server, tool, calls.status, ms, cost_nano, is_sent,
        count(*) OVER alike AS sent, row_number() OVER (alike ORDER BY calls.id) AS place
    FROM (SELECT *, status <> 'denied' AS is_sent FROM tool_calls) AS calls JOIN audit_logs USING (question_id)
    WINDOW alike AS (PARTITION BY calls.question_id, is_sent)) AS calls, {CALL_KEYS}
GROUP BY day, dimension, name, detail
"""
# A bucket's number is the place of its first duration among those of all buckets.
SENT = "(SELECT * FROM tool_calls WHERE status <> 'denied') AS calls"
LATENCY = """
INSERT INTO latency_rollups (day, dimension, name, detail, slot, bucket, count)
SELECT {day} AS day, dimension, name, detail, 0, width_bucket({ms}, ARRAY{bounds}::bigint[]) - 1 AS bucket, count(*)
FROM {rows}, {keys} GROUP BY day, dimension, name, detail, bucket
"""
ERRORS = f"""
INSERT INTO error_rollups (day, dimension, name, detail, message, slot, count, last_at)
SELECT {DAY} AS day, 'question', '', '', concat_ws(': ', error_code, error_message) AS message, 0, count(*),
    max(created_at)
FROM audit_logs WHERE status = 'error' GROUP BY 1, 5
UNION ALL
SELECT {DAY} AS day, 'tool', server, tool, coalesce(error, status) AS message, 0, count(*), max(created_at)
FROM tool_calls WHERE status IN ('failed', 'unknown') GROUP BY 1, server, tool, 5
"""


def bucket_bounds() -> list[int]:
    """The first duration of each bucket of `LatencyHistogram`, in milliseconds."""
    bounds, low = [0], 1
    while low < 1 << 45:
        bounds.append(low)
        low = (low + low // 40) * 40 // 39 + 1
    return bounds


ROLLUPS = {
    "usage_rollups": [QUESTION_USAGE, CALL_USAGE],
    "latency_rollups": [
        LATENCY.format(day=DAY, rows="audit_logs", ms="duration_ms", keys=QUESTION_KEYS, bounds=bucket_bounds()),
        LATENCY.format(day=DAY, rows=SENT, ms="ms", keys=CALL_KEYS, bounds=bucket_bounds())],
    "error_rollups": [ERRORS]}
"""The statements that fill each table. The tables are filled at the same time, each from the rows themselves."""


async def snapshot(connection: asyncpg.Connection) -> set[str]:
    """All rows of the tables whose names end with `_rollups`, without slots: these depend on the writing connection."""
    found: set[str] = set()
    for name in await connection.fetch(r"SELECT tablename FROM pg_tables WHERE tablename LIKE '%\_rollups'"):
        table = name["tablename"]
        rows = await connection.fetch(f"SELECT (to_jsonb(entry) - 'slot')::text AS row FROM {table} AS entry")
        found |= {f"{table} {row['row']}" for row in rows}
    return found
