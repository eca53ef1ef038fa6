"""Reads the workspace and the record of a running world, and has every question judged."""

import asyncio
import time
from collections.abc import Sequence

from .asking import AcknowledgementBook, Asked
from .model import SERVER, TOOL
from .verdict import Evidence, Verdict, judge
from .world import World


async def look(made: World, asked: list[Asked], book: AcknowledgementBook, notes: Sequence[str] = ()) -> Verdict:
    """What has become of the questions by now; `notes` are the marks that were noted."""
    await book.read()
    connection = await made.postgres.connect(made.database)
    try:
        questions = await connection.fetch("SELECT id, origin_key FROM questions WHERE origin_key IS NOT NULL")
        audit = await connection.fetch(
            "SELECT question_id, count(*) AS rows FROM audit_logs WHERE question_id IS NOT NULL GROUP BY 1")
        calls = await connection.fetch(
            "SELECT question_id, array_agg(status) AS statuses FROM tool_calls WHERE server = $1 AND tool = $2 GROUP BY 1",
            SERVER, TOOL)
    finally:
        await connection.close()
    keys = {row["id"]: row["origin_key"].split(":") for row in questions}
    return judge(Evidence(
        asked=asked, messages=await made.emulator.messages(),
        acknowledged={(entry.channel, entry.ts) for entry in book.of_questions},
        stored={(key[-2], key[-1]): id for id, key in keys.items()},
        audit_rows={row["question_id"]: row["rows"] for row in audit}, notes=list(notes),
        note_calls={row["question_id"]: row["statuses"] for row in calls}))


async def settled(
    made: World, asked: list[Asked], book: AcknowledgementBook, within: float, notes: Sequence[str] = ()
) -> Verdict:
    """Waits until nothing more is to be expected, at most that many seconds."""
    end = time.monotonic() + within
    while True:
        found = await look(made, asked, book, notes)
        if found.is_quiet or time.monotonic() > end:
            return found
        await asyncio.sleep(3)
