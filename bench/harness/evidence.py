"""Writes evidence about questions that failed a check, because a run's folder is deleted at its end."""

import json
import re
from pathlib import Path

from .asking import Asked
from .notes import Notebook
from .report import RESULTS
from .judge import Verdict
from .world import World

TABLES = ("posts", "question_steps", "tool_calls", "audit_logs")
"""Tables of the store with a column question_id."""


async def keep(name: str, made: World, asked: list[Asked], found: Verdict, notebook: Notebook | None) -> Path:
    """Writes bench/results/<name>-evidence.json: for each question of a miss its rows in the store, the bot's messages
    and the notes; the end of each bot's log; the rows of `processes`. Times are seconds since 1970, except in rows of
    the store.
    """
    wrong = found.lost + found.doubled + found.misworded + found.left_over + found.wrongly_recorded + found.written_twice
    marks = {mark for words in wrong + found.note_missing for mark in re.findall(r"nr-\d{6}", words)}
    messages = [message for message in await made.emulator.messages() if message.is_bot]
    connection = await made.postgres.connect(made.database)
    try:
        async def rows(statement: str, *values: object) -> list[dict[str, object]]:
            fetched = await connection.fetch(f"SELECT row_to_json(t)::text AS row FROM ({statement}) t", *values)
            return [json.loads(row["row"]) for row in fetched]

        questions: dict[str, object] = {}
        for question in sorted((one for one in asked if one.mark in marks), key=lambda one: one.number):
            # A question that was answered twice has two rows, the second one without origin_key.
            found_rows = await rows("SELECT * FROM questions WHERE text LIKE '%' || $1", question.mark)
            ids = [row["id"] for row in found_rows]
            questions[question.mark] = {
                "asked": question.__dict__, "questions": found_rows,
                **{table: await rows(f"SELECT * FROM {table} WHERE question_id = ANY($1)", ids) for table in TABLES},
                "messages": [message.__dict__ for message in messages
                             if message.question in ids or question.mark in message.text],
                "noted": [at for at, text in notebook.notes if text == question.mark] if notebook else []}
        processes = await rows("SELECT * FROM processes")
    finally:
        await connection.close()
    logs = {child.name: child.log.read_text(errors="replace")[-200_000:].splitlines() for child in made.children}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-evidence.json"
    path.write_text(json.dumps({"questions": questions, "processes": processes, "logs": logs}, indent=1) + "\n")
    return path
