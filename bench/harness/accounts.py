"""Reads the messages and the store of a running world, and judges every question."""

import asyncio
import time

from .asking import AcknowledgementBook, Asked
from .model import SERVER, TOOL, WORDS
from .notes import Notebook
from .judge import Evidence, Verdict, judge
from .world import World


async def look(made: World, asked: list[Asked], book: AcknowledgementBook, notebook: Notebook | None = None) -> Verdict:
    """The verdict on the current state; the notebook holds the marks that were noted."""
    await book.read()
    connection = await made.postgres.connect(made.database)
    try:
        questions = await connection.fetch("SELECT id, origin_key FROM questions WHERE origin_key IS NOT NULL")
        audit = await connection.fetch(
            "SELECT question_id, count(*) AS rows FROM audit_logs WHERE question_id IS NOT NULL GROUP BY 1")
        calls = await connection.fetch(
            "SELECT question_id, array_agg(status) AS statuses FROM tool_calls "
            "WHERE server = $1 AND tool = $2 GROUP BY 1", SERVER, TOOL)
        doubles = await connection.fetchval("SELECT count(*) FROM audit_logs WHERE warning = 'doubled'")
    finally:
        await connection.close()
    keys = {row["id"]: row["origin_key"].split(":") for row in questions}
    return judge(Evidence(
        asked=asked, messages=await made.emulator.messages(),
        acknowledged={(entry.channel, entry.ts) for entry in book.of_questions},
        stored={(key[-2], key[-1]): id for id, key in keys.items()},
        audit_rows={row["question_id"]: row["rows"] for row in audit}, notes=notebook.texts if notebook else (),
        note_calls={row["question_id"]: row["statuses"] for row in calls}, recorded_doubles=doubles, answer=WORDS))


async def settled(
    made: World, asked: list[Asked], book: AcknowledgementBook, within: float, notebook: Notebook | None = None
) -> Verdict:
    """Waits until every question has its outcome, at most `within` seconds. Returns the last verdict."""
    end = time.monotonic() + within
    while True:
        found = await look(made, asked, book, notebook)
        if found.is_quiet or time.monotonic() > end:
            return found
        await asyncio.sleep(3)
