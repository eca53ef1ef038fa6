"""What the Messages API refuses, in its own words where they are known."""

import base64
import json
import re

import jsonschema

VERSIONS = ("2023-06-01", "2026-10-21")
NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
PROPERTY = re.compile(r"^[a-zA-Z0-9_.-]{1,64}\Z")
IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8", "image/webp": b"RIFF"}


def model(context, output, cache, thinking, speaks=False, forced=True, prefill=False, sampling=False):
    return {"context": context, "output": output, "cache": cache, "thinking": thinking, "speaks": speaks,
            "forced": forced, "prefill": prefill, "sampling": sampling}


MODELS = {
    "claude-fable-5-2": model(1_000_000, 128_000, 512, {"adaptive"}, speaks=True, forced=False),
    "claude-fable-5-1": model(1_000_000, 128_000, 512, {"adaptive"}, speaks=True, forced=False),
    "claude-opus-5-5": model(1_000_000, 128_000, 512, {"adaptive"}, speaks=True, forced=False),
    "claude-sonnet-5-5": model(1_000_000, 128_000, 512, {"adaptive", "between_tools"}, speaks=True, forced=False),
    "claude-haiku-5-5": model(1_000_000, 128_000, 512, {"adaptive", "disabled"}),
    "claude-opus-5": model(1_000_000, 128_000, 512, {"adaptive", "disabled"}),
    "claude-sonnet-5": model(1_000_000, 128_000, 1024, {"adaptive", "disabled"}),
    "claude-sonnet-4-6": model(1_000_000, 128_000, 1024, {"adaptive", "disabled", "enabled"}, sampling=True),
    "claude-haiku-4-5-20251001": model(
        200_000, 64_000, 4096, {"disabled", "enabled"}, prefill=True, sampling=True),
}
ALIASES = {"claude-haiku-4-5": "claude-haiku-4-5-20251001"}

FIELDS = {"model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "stop_sequences", "thinking",
          "output_config", "cache_control", "metadata", "service_tier", "inference_geo", "speed", "container",
          "diagnostics", "temperature", "top_p", "top_k"}
TOOL_FIELDS = {"name", "type", "description", "input_schema", "strict", "input_examples", "defer_loading",
               "allowed_callers", "eager_input_streaming", "cache_control"}
USER_BLOCKS = {"text", "image", "document", "search_result", "tool_result"}
ASSISTANT_BLOCKS = {"text", "tool_use", "thinking", "redacted_thinking"}


class Refused(Exception):
    """An error answer before any token was made."""

    def __init__(self, message, status=400, kind="invalid_request_error", code=None):
        super().__init__(message)
        self.message, self.status, self.kind, self.code = message, status, kind, code


def need(condition, message, **more):
    if not condition:
        raise Refused(message, **more)


def unique_members(pairs):
    members = dict(pairs)
    need(len(members) == len(pairs), "The request body is not valid JSON: duplicate key")
    return members


def parse(raw):
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=unique_members)
    except ValueError as error:
        raise Refused(f"The request body is not valid JSON: {error}") from None
    need(isinstance(body, dict), "The request body is not a JSON object")
    return body


def check_headers(headers, key):
    given = headers.get("x-api-key")
    bearer = headers.get("authorization", "")
    if given is None and bearer.startswith("Bearer "):
        given = bearer[7:]
    need(given, "x-api-key header is required", status=401, kind="authentication_error")
    need(key is None or given == key, "invalid x-api-key", status=401, kind="authentication_error")
    version = headers.get("anthropic-version")
    need(version, "anthropic-version: header is required")
    need(version in VERSIONS, f'anthropic-version: "{version}" is not a valid version')
    return version


def check_body(body, version, counting=False):
    """Checks everything that needs no memory of earlier requests; returns the model's properties."""
    for field in body:
        need(field in FIELDS, f"{field}: Extra inputs are not permitted")
    need(isinstance(body.get("model"), str), "model: Field required")
    properties = MODELS.get(ALIASES.get(body["model"], body["model"]))
    need(properties, f"model: {body['model']}", status=404, kind="not_found_error")
    if not counting:
        check_limits(body, properties)
    check_sampling(body, version, properties)
    check_thinking(body, properties)
    check_system(body.get("system"))
    check_tools(body, properties)
    check_messages(body, properties)
    check_cache_control(body)
    return properties


def check_limits(body, properties):
    most = body.get("max_tokens")
    need(isinstance(most, int) and not isinstance(most, bool), "max_tokens: Field required")
    need(most >= 0, "max_tokens: Input should be greater than or equal to 0")
    need(most <= properties["output"], f"max_tokens: {most} > {properties['output']}, which is the maximum allowed "
         f"number of output tokens for {body['model']}")
    need(isinstance(body.get("stream", False), bool), "stream: Input should be a valid boolean")


def check_sampling(body, version, properties):
    for field, default in (("temperature", 1), ("top_p", None), ("top_k", None)):
        if field not in body:
            continue
        need(version == "2023-06-01", f"{field}: Extra inputs are not permitted")
        need(properties["sampling"] or body[field] == default, f"{field}: is not supported for this model")


def check_thinking(body, properties):
    thinking = body.get("thinking")
    if thinking is None:
        return
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    need(kind in ("adaptive", "disabled", "between_tools", "enabled"), "thinking.type: Input should be 'adaptive'")
    need(kind in properties["thinking"], f'"thinking.type.{kind}" is not supported for this model.')
    need(thinking.get("display", "omitted") in ("omitted", "summarized"), "thinking.display: Input should be "
         "'summarized' or 'omitted'")
    need(set(thinking) <= {"type", "display", "budget_tokens"}, "thinking: Extra inputs are not permitted")


def check_system(system):
    if system is None or isinstance(system, str):
        return
    need(isinstance(system, list), "system: Input should be a valid string or list")
    for index, block in enumerate(system):
        need(block.get("type") == "text", f"system.{index}.type: Input should be 'text'")
        need(block.get("text"), f"system.{index}: text content blocks must be non-empty")


def check_tools(body, properties):
    tools = body.get("tools") or []
    seen = set()
    for index, tool in enumerate(tools):
        where = f"tools.{index}.custom"
        for field in tool:
            need(field in TOOL_FIELDS, f"{where}.{field}: Extra inputs are not permitted")
        need(isinstance(tool.get("name"), str) and NAME.match(tool["name"]),
             f"{where}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'")
        need(tool["name"] not in seen, "tools: Tool names must be unique.", code="tool_name_conflict")
        seen.add(tool["name"])
        check_schema(tool.get("input_schema"), f"{where}.input_schema")
    choice = body.get("tool_choice")
    if choice is None:
        return
    need(tools, "tool_choice may only be specified while providing tools")
    kind = choice.get("type")
    need(kind in ("auto", "none", "any", "tool"), "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'")
    need(properties["forced"] or kind in ("auto", "none"),
         'tool_choice: type "tool" and "any" are not supported for this model.')
    need(kind != "tool" or choice.get("name") in seen, f"Tool '{choice.get('name')}' not found in provided tools")
    need(kind != "none" or set(choice) == {"type"}, "tool_choice.none: Extra inputs are not permitted")


def check_schema(schema, where):
    need(isinstance(schema, dict), f"{where}: Field required")
    need(schema.get("type") == "object", f"{where}.type: Input should be 'object'")
    for word in ("oneOf", "anyOf", "allOf"):
        need(word not in schema, f"{where}: input_schema does not support oneOf, allOf, or anyOf at the top level")
    for key in ("properties", "required"):
        need(schema.get(key, {}) is not None, f"{where}.{key}: Input should be a valid value")
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except (jsonschema.SchemaError, RecursionError):
        raise Refused(f"{where}: JSON schema is invalid. It must match JSON Schema draft 2020-12") from None
    for subschema in subschemas(schema):
        for name in subschema.get("properties") or {}:
            need(PROPERTY.match(name), f"{where}.properties: Property keys should match pattern "
                 "'^[a-zA-Z0-9_.-]{1,64}$'")
        need(not {"$ref", "$dynamicRef"} & set(subschema) or resolves(schema, subschema), f"{where}: JSON schema is "
             "invalid. A reference cannot be resolved.")
        for pattern in [subschema.get("pattern"), *(subschema.get("patternProperties") or {})]:
            need(pattern is None or compiles(pattern), f"{where}: JSON schema is invalid. A pattern is no regular "
                 "expression.")


ONE_SCHEMA = ("items", "contains", "additionalProperties", "unevaluatedItems", "unevaluatedProperties", "not", "if",
              "then", "else", "propertyNames")
SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs")


def subschemas(schema):
    """The schema and all schemas in it, but not values such as `const` that only look like one."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ONE_SCHEMA:
        yield from subschemas(schema.get(key))
    for key in SCHEMA_LISTS:
        for inner in schema.get(key) or []:
            yield from subschemas(inner)
    for key in SCHEMA_MAPS:
        for inner in (schema.get(key) or {}).values():
            yield from subschemas(inner)


def resolves(root, subschema):
    """Whether its references are paths to something in the whole schema."""
    for key in {"$ref", "$dynamicRef"} & set(subschema):
        head, _, path = subschema[key].partition("#")
        if head or (path and not path.startswith("/")):
            return False
        value = root
        for part in path.split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and part in value:
                value = value[part]
            else:
                return False
    return True


def compiles(pattern):
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def merged(messages):
    """Neighbours of one role are one message to the API."""
    result = []
    for message in messages:
        blocks = message["content"]
        blocks = [{"type": "text", "text": blocks}] if isinstance(blocks, str) else blocks
        if result and result[-1]["role"] == message["role"]:
            result[-1]["content"] += blocks
        else:
            result.append({"role": message["role"], "content": list(blocks)})
    return result


def check_messages(body, properties):
    messages = body.get("messages")
    need(isinstance(messages, list) and messages, "messages: at least one message is required")
    for index, message in enumerate(messages):
        need(isinstance(message, dict) and message.get("role") in ("user", "assistant"),
             f"messages.{index}.role: Input should be 'user' or 'assistant'")
        need(set(message) == {"role", "content"}, f"messages.{index}: Extra inputs are not permitted")
        need(isinstance(message["content"], (str, list)), f"messages.{index}.content: Input should be a valid list")
        need(message["content"], f"messages.{index}: all messages must have non-empty content")
    need(messages[0]["role"] == "user", 'messages: first message must use the "user" role')
    need(messages[-1]["role"] == "user" or properties["prefill"], "This model does not support assistant message "
         "prefill. The conversation must end with a user message.")
    together = merged(messages)
    for index, message in enumerate(together):
        for place, block in enumerate(message["content"]):
            check_block(block, message["role"], f"messages.{index}.content.{place}")
    used = check_pairs(together)
    need(not used or body.get("tools"), "Requests which include `tool_use` or `tool_result` blocks must define tools")


def check_block(block, role, where):
    kind = block.get("type") if isinstance(block, dict) else None
    allowed = USER_BLOCKS if role == "user" else ASSISTANT_BLOCKS
    need(kind in allowed, f"{where}.type: Input tag '{kind}' found using 'type' does not match any of the expected "
         f"tags for role {role}")
    if kind == "text":
        check_text(block, where)
    elif kind == "tool_use":
        need(isinstance(block.get("input"), dict), f"{where}.tool_use.input: Input should be a valid dictionary")
        need(NAME.match(str(block.get("name"))), f"{where}.tool_use.name: String should match pattern "
             "'^[a-zA-Z0-9_-]{1,64}$'")
    elif kind == "tool_result":
        content = block.get("content")
        need(content is None or isinstance(content, (str, list)), f"{where}.tool_result.content: Input should be a "
             "valid string or list")
        for place, inner in enumerate(content if isinstance(content, list) else []):
            need(inner.get("type") in ("text", "image", "document", "search_result", "tool_reference"),
                 f"{where}.tool_result.content.{place}.type: unexpected tag")
            need("cache_control" not in inner, f"{where}.tool_result.content.{place}: cache_control is not allowed")
            if inner["type"] == "text":
                check_text(inner, f"{where}.tool_result.content.{place}")
            if inner["type"] == "image":
                check_image(inner.get("source"), f"{where}.tool_result.content.{place}.image.source")


def check_image(source, where):
    need(isinstance(source, dict) and source.get("type") == "base64", f"{where}.type: Input should be 'base64'")
    kind, data = source.get("media_type"), source.get("data")
    need(kind in IMAGES, f"{where}.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or "
         "'image/webp'")
    need(isinstance(data, str) and data, f"{where}.base64.data: image cannot be empty")
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise Refused(f"{where}.base64.data: invalid base64 data") from None
    need(len(data) <= 5 * 1024 * 1024, f"{where}.base64: image exceeds 5 MB maximum: {len(data)} bytes > "
         f"{5 * 1024 * 1024} bytes")
    real = next((name for name, head in IMAGES.items() if content.startswith(head)), None)
    need(real, "Could not process image")
    need(real == kind, f"{where}.base64.data: The image was specified using the {kind} media type, but the image "
         f"appears to be a {real} image")
    need(len(content) > 16, "Could not process image")
    if kind == "image/png":
        need(content[12:16] == b"IHDR", "Could not process image")
        width, height = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
        need(max(width, height) <= 8000, f"{where}.base64.data: At least one of the image dimensions exceed max "
             "allowed size: 8000 pixels")


def check_text(block, where):
    need(isinstance(block.get("text"), str), f"{where}.text.text: Field required")
    need(block["text"], f"{where}: text content blocks must be non-empty")
    need(block["text"].strip(), f"{where}: text content blocks must contain non-whitespace text")


def check_pairs(messages):
    """Every call is answered in the next message, before any text there, once; returns whether there were calls."""
    ids = set()
    expected = []
    for index, message in enumerate(messages):
        results = [block for block in message["content"] if block["type"] == "tool_result"]
        leading = []
        for block in message["content"]:
            if block["type"] != "tool_result":
                break
            leading.append(block.get("tool_use_id"))
        missing = [one for one in expected if one not in leading]
        need(not missing, f"messages.{index - 1}: `tool_use` ids were found without `tool_result` blocks immediately "
             f"after: {', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` block in the "
             "next message.")
        answered = set()
        for place, block in enumerate(results):
            one = block.get("tool_use_id")
            need(one in expected, f"messages.{index}.content.{place}: unexpected `tool_use_id` found in `tool_result` "
                 f"blocks: {one}. Each `tool_result` block must have a corresponding `tool_use` block in the previous "
                 "message.")
            need(one not in answered, f"messages.{index}: each tool_use must have a single result. Found multiple "
                 f"`tool_result` blocks with id: {one}")
            answered.add(one)
        expected = [block["id"] for block in message["content"] if block["type"] == "tool_use"]
        for one in expected:
            need(one not in ids, "messages: `tool_use` ids must be unique")
            ids.add(one)
    need(not expected, f"messages.{len(messages) - 1}: `tool_use` ids were found without `tool_result` blocks "
         f"immediately after: {', '.join(expected)}")
    return bool(ids)


def breakpoints(body):
    """Every block that may carry cache_control, in the order of the prefix."""
    yield from body.get("tools") or []
    yield from body["system"] if isinstance(body.get("system"), list) else []
    for message in merged(body["messages"]):
        yield from message["content"]


def check_cache_control(body):
    marked = [block for block in breakpoints(body) if "cache_control" in block]
    count = len(marked) + ("cache_control" in body)
    need(count <= 4, f"A maximum of 4 blocks with cache_control may be provided. Found {count}.")
    for block in marked:
        need(block.get("type") not in ("thinking", "redacted_thinking"), "cache_control cannot be set on thinking "
             "blocks")
        control = block["cache_control"]
        need(control.get("type") == "ephemeral" and control.get("ttl", "5m") in ("5m", "1h"),
             "cache_control: Input should be 'ephemeral'")
