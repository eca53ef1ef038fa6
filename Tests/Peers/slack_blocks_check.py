"""Checks Slack messages against the limits of slackblocks, and against those that it does not know.

    slack_blocks_check.py FILE

FILE holds a JSON list of messages, each with `text` and `blocks`. Prints one JSON object with the number of messages
and the problems found.
"""

import json
import sys

import slackblocks as kit
from slackblocks.rich_text import RichText, RichTextLink, RichTextSection

# docs.slack.dev, reference/block-kit/blocks/table-block; slackapi/bolt-js#2509; docs.slack.dev, chat.update.
TABLE_CHARACTERS = 10_000
ALL_CHARACTERS = 13_200
TEXT_CHARACTERS = 4_000


def characters(value):
    if isinstance(value, list):
        return sum(map(characters, value))
    if isinstance(value, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else characters(v) for k, v in value.items())
    return 0


def element(data):
    if data["type"] == "link":
        return RichTextLink(data["url"], data["text"])
    assert data["type"] == "text" and data["text"], data
    return RichText(data["text"], **data.get("style", {}))


def cell(data):
    if data["type"] == "raw_text":
        assert data["text"], "an empty cell"
        return kit.RawText(data["text"])
    sections = data["elements"]
    assert data["type"] == "rich_text" and len(sections) == 1 and sections[0]["type"] == "rich_text_section", data
    return RichTextSection([element(e) for e in sections[0]["elements"]])


def block(data):
    kind = data["type"]
    if kind == "markdown":
        return kit.MarkdownBlock(data["text"])
    if kind == "section":
        return kit.SectionBlock(kit.Text(data["text"]["text"]))
    if kind == "context":
        return kit.ContextBlock([kit.Text(e["text"]) for e in data["elements"]])
    if kind == "actions":
        buttons = [kit.Button(e["text"]["text"], e["action_id"], value=e["value"]) for e in data["elements"]]
        return kit.ActionsBlock(buttons, data["block_id"])
    assert kind == "table", f"a block of the type {kind}"
    settings = [kit.ColumnSettings(s["align"], s["is_wrapped"]) for s in data["column_settings"]]
    rows = [[cell(c) for c in row] for row in data["rows"]]
    assert len({len(row) for row in rows}) == 1, "rows of different lengths"
    assert characters(data["rows"]) <= TABLE_CHARACTERS, "a table with too many characters"
    return kit.TableBlock(rows, settings)


def check(message):
    blocks = message["blocks"]
    assert message["text"], "no text"
    assert len(message["text"]) <= TEXT_CHARACTERS, "too long a text"
    assert sum(b["type"] == "table" for b in blocks) <= 1, "more than one table"
    assert characters(blocks) <= ALL_CHARACTERS, "too many characters in all blocks"
    kit.Message("C0OPS", message["text"], [block(b) for b in blocks])


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        messages = json.load(file)
    problems = []
    for number, message in enumerate(messages):
        try:
            check(message)
        except Exception as error:
            problems.append(f"message {number}: {type(error).__name__} {error}")
    print(json.dumps({"messages": len(messages), "problems": problems}))


main()
