"""What the double answers by itself: it calls the tools whose words the question uses, then tells what they gave."""

import json
import re

STOP = set("a an and all are as at be by can do does for from get give has have how i in is it its last list me my of "
           "on or please show tell than that the them then there this to use was we were what when where which who "
           "with you your".split())
WORD = re.compile(r"[A-Za-z][A-Za-z]+")
QUOTED = re.compile(r"\"([^\"]+)\"|'([^']+)'|`([^`]+)`|“([^”]+)”")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")


def stem(word):
    word = word.lower()
    for ending in ("ings", "ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def words(text):
    return {stem(word) for word in WORD.findall(text.replace("_", " ")) if word.lower() not in STOP}


def score(tool, asked):
    name = words(tool["name"].split("__")[-1].replace("-", " "))
    described = words(tool.get("description", ""))
    return 3 * len(asked & name) + len(asked & (described - name))


def best(tools, text):
    asked = words(text)
    ranked = sorted(tools, key=lambda tool: (-score(tool, asked), tool["name"]))
    return ranked[0] if ranked and score(ranked[0], asked) >= 3 else None


def arguments(tool, text):
    schema = tool["input_schema"]
    required = schema.get("required", [])
    quoted = [next(filter(None, groups)) for groups in QUOTED.findall(text)]
    bare = QUOTED.sub(" ", text)
    numbers = NUMBER.findall(bare)
    result = {}
    for name, property_ in (schema.get("properties") or {}).items():
        value = argument(name, property_, name in required, bare, quoted, numbers)
        if value is not None:
            result[name] = value
    return result


def argument(name, schema, is_required, text, quoted, numbers):
    kind = schema.get("type", "string")
    kind = next((one for one in kind if one != "null"), "string") if isinstance(kind, list) else kind
    for value in schema.get("enum", []):
        if re.search(rf"\b{re.escape(str(value))}\b", text, re.IGNORECASE) or str(value) in quoted:
            return value
    if kind in ("integer", "number"):
        near = re.search(rf"\b{re.escape(name)}\s*[=:]?\s*(-?\d+(?:\.\d+)?)", text, re.IGNORECASE)
        if near or (numbers and (is_required or name in ("limit", "top", "count", "n", "days", "hours"))):
            value = float(near.group(1) if near else numbers.pop(0))
            return int(value) if kind == "integer" or value == int(value) else value
        return schema.get("default", 1) if is_required else None
    if kind == "boolean":
        return schema.get("default", True) if is_required else None
    if kind == "array":
        return list(quoted) if is_required else None
    if kind == "object":
        return {} if is_required else None
    if not is_required:
        return None
    if schema.get("enum"):
        return schema["enum"][0]
    if quoted:
        return quoted.pop(0)
    near = re.search(rf"\b{re.escape(name.split('_')[0])}\s*(?:is|=|:)?\s+([\w.@-]+)", text, re.IGNORECASE)
    if near:
        return near.group(1)
    if numbers:
        return numbers.pop(0)
    return schema.get("default", text.strip(" ?.!"))


def plan(tools, text):
    """Rounds of calls: what is joined by "and then" comes in turn, what is joined by "and" at once."""
    rounds = []
    for step in re.split(r"\band then\b|;", text):
        chosen = []
        for part in re.split(r"\band\b", step):
            tool = best(tools, part)
            if tool and tool["name"] not in [one["name"] for one in chosen]:
                chosen.append({"name": tool["name"], "input": arguments(tool, part)})
        if not chosen and (tool := best(tools, step)):
            chosen.append({"name": tool["name"], "input": arguments(tool, step)})
        if chosen:
            rounds.append(chosen)
    return rounds


def texts(content):
    if isinstance(content, str):
        return content
    return "\n".join(block["text"] for block in content or [] if block.get("type") == "text")


def question_and_rounds(messages):
    """The last words of a person, and the calls and results since."""
    rounds, names = [], {}
    question = ""
    for message in messages:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        results = [block for block in blocks if block["type"] == "tool_result"]
        if message["role"] == "assistant":
            names.update({block["id"]: block["name"] for block in blocks if block["type"] == "tool_use"})
        elif results:
            rounds.append([(names.get(block["tool_use_id"], "tool"), block) for block in results])
        else:
            question, rounds = [block["text"] for block in blocks if block["type"] == "text"][-1], []
    return question, rounds


def cell(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("|", "\\|").replace("\n", " ")


def table(rows):
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(cell(row.get(column, "")) for column in columns) + " |" for row in rows[:20]]
    return "\n".join(lines + ([f"… and {len(rows) - 20} more rows"] if len(rows) > 20 else []))


def readable(text):
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip() or "(no output)"
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return table(value)
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            if isinstance(inner, list) and inner and all(isinstance(row, dict) for row in inner):
                lines.append(f"**{key}**\n\n{table(inner)}")
            else:
                lines.append(f"- **{key}**: {cell(inner)}")
        return "\n".join(lines)
    return cell(value)


def summary(rounds):
    parts = []
    for name, block in [one for results in rounds for one in results]:
        label = name.replace("__", ".")
        text = texts(block.get("content"))
        failed = block.get("is_error")
        parts.append(f"**{label}** failed: {text.strip()}" if failed else f"**{label}**\n\n{readable(text)}")
    return "\n\n".join(parts)


def reply(body):
    tools = [tool for tool in body.get("tools") or [] if "input_schema" in tool]
    may_call = (body.get("tool_choice") or {}).get("type") != "none"
    question, rounds = question_and_rounds(body["messages"])
    steps = plan(tools, question) if may_call else []
    if len(rounds) < len(steps):
        calls = steps[len(rounds)]
        names = ", ".join(call["name"].replace("__", ".") for call in calls)
        thought = {"thinking": f"I need {names}."} if body.get("thinking") else {}
        return {**thought, "calls": calls}
    if rounds:
        return {"text": summary(rounds)}
    if tools:
        return {"text": "None of my tools fits this question."}
    return {"text": "I have no tools, so I can only say that I read your question."}
