"""Reads the workspace and the record of a running world, and has every question judged."""

import asyncio
import time

from .asking import AcknowledgementBook, Asked
from .verdict import Evidence, Verdict, judge
from .world import World


async def look(made: World, asked: list[Asked], book: AcknowledgementBook) -> Verdict:
    """What has become of the questions by now."""
    await book.read()
    connection = await made.postgres.connect(made.database)
    try:
        questions = await connection.fetch("SELECT id, origin_key FROM questions WHERE origin_key IS NOT NULL")
        audit = await connection.fetch(
            "SELECT question_id, count(*) AS rows FROM audit_logs WHERE question_id IS NOT NULL GROUP BY 1")
    finally:
        await connection.close()
    keys = {row["id"]: row["origin_key"].split(":") for row in questions}
    return judge(Evidence(
        asked=asked, messages=await made.emulator.messages(),
        acknowledged={(entry.channel, entry.ts) for entry in book.of_questions},
        stored={(key[-2], key[-1]): id for id, key in keys.items()},
        audit_rows={row["question_id"]: row["rows"] for row in audit}))


async def settled(made: World, asked: list[Asked], book: AcknowledgementBook, within: float) -> Verdict:
    """Waits until nothing more is to be expected, at most that many seconds."""
    end = time.monotonic() + within
    while True:
        found = await look(made, asked, book)
        if found.is_quiet or time.monotonic() > end:
            return found
        await asyncio.sleep(3)
