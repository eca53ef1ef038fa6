"""Fast loading of large tables of PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

KEYS = """
SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
WHERE conrelid = $1::regclass AND contype IN ('p', 'u', 'x')
"""
INDEXES = """
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
WHERE indrelid = $1::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@asynccontextmanager
async def without_indexes(connection: asyncpg.Connection, table: str) -> AsyncIterator[None]:
    """Drops the table's keys and indexes, and makes them again after the body. Triggers stay on: rows have what they add.

    The definitions are those of the catalogue, so that a migration needs no change here. Of a partitioned table the
    partitions' indexes go and come with it. After an error in the body the table stays without indexes.
    """
    keys, indexes = await connection.fetch(KEYS, table), await connection.fetch(INDEXES, table)
    for key in keys:
        await connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{key["name"]}"')
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    yield
    await connection.execute("SET maintenance_work_mem = '512MB'")
    for key in keys:
        await connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{key["name"]}" {key["definition"]}')
    for index in indexes:
        # Of an index of a partitioned table the definition leaves out the partitions.
        await connection.execute(index["definition"].replace(" ON ONLY ", " ON ", 1))
