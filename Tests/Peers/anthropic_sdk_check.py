"""Talks to the double with the official SDK: what the SDK accepts and refuses there is what it does at the API.

    anthropic_sdk_check.py PORT

Prints one JSON object with what was seen; exits 1 with the reason when something is not as at the API.
"""

import json
import sys
import urllib.request

import anthropic

MODEL = "claude-sonnet-5-5"
TOOLS = [{"name": "get_quote", "description": "The last closing price of a share.",
          "input_schema": {"type": "object", "properties": {"ticker": {"type": "string"}}, "required": ["ticker"]},
          "cache_control": {"type": "ephemeral"}}]
SYSTEM = [{"type": "text", "text": "Answer from the tools. " * 200, "cache_control": {"type": "ephemeral"}}]
QUESTION = {"role": "user", "content": "Compare NVDA and AMD."}


def script(port, *replies):
    data = json.dumps({"replies": replies}).encode()
    urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/_script", data=data)).read()


def streamed(client, messages, **more):
    with client.messages.stream(model=MODEL, max_tokens=1000, system=SYSTEM, tools=TOOLS,
                                thinking={"type": "adaptive", "display": "summarized"}, messages=messages,
                                **more) as stream:
        kinds = [event.type for event in stream]
        return stream.get_final_message(), kinds


def conversation(client, port):
    script(port, {"thinking": "Two quotes – für beide.", "text": "Fetching both. 📈",
                  "calls": [{"name": "get_quote", "input": {"ticker": "NVDA"}},
                            {"name": "get_quote", "input": {"ticker": "AMD"}}]},
           {"text": "NVDA closed at 187.2, AMD at 201.1."})
    first, kinds = streamed(client, [QUESTION])
    assert first.stop_reason == "tool_use", first
    assert [block.type for block in first.content] == ["thinking", "text", "tool_use", "tool_use"], first
    assert first.content[0].thinking == "Two quotes – für beide.", first
    assert first.content[1].text == "Fetching both. 📈", first
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [call.input for call in calls] == [{"ticker": "NVDA"}, {"ticker": "AMD"}], calls
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "187.2"} for call in calls]
    results[-1]["cache_control"] = {"type": "ephemeral"}
    echo = {"role": "assistant", "content": [block.model_dump(mode="json", by_alias=True, exclude_unset=True)
                                             for block in first.content]}
    for block in echo["content"]:
        for member in [name for name in block if name not in (
                "type", "text", "thinking", "signature", "id", "name", "input", "caller")]:
            del block[member]
    second, _ = streamed(client, [QUESTION, echo, {"role": "user", "content": results}])
    assert second.stop_reason == "end_turn", second
    assert second.content[0].text.startswith("NVDA closed"), second
    assert second.usage.cache_read_input_tokens > 0, second.usage
    return {"events": len(kinds), "cache_read": second.usage.cache_read_input_tokens}, echo, results


def refusals(client, echo, results):
    def ask(**changed):
        arguments = {"model": MODEL, "max_tokens": 100, "messages": [QUESTION], "tools": TOOLS, **changed}
        return client.messages.create(**arguments)

    forged = json.loads(json.dumps(echo))
    forged["content"][0]["thinking"] = "Something else."
    asked = {
        "empty text": {"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]},
        "prefill": {"messages": [QUESTION, {"role": "assistant", "content": "Sure"}]},
        "forced tool": {"tool_choice": {"type": "any"}},
        "unanswered call": {"messages": [QUESTION, echo, {"role": "user", "content": "And?"}]},
        "orphan result": {"messages": [{"role": "user", "content": results}]},
        "changed thinking": {"messages": [QUESTION, forged, {"role": "user", "content": results}]},
        "tool name": {"tools": [{**TOOLS[0], "name": "market.quote"}]},
        "two tools of a name": {"tools": TOOLS + TOOLS},
        "sampling": {"extra_body": {"temperature": 1}},
        "five breakpoints": {"messages": [{"role": "user", "content": [
            {"type": "text", "text": str(number), "cache_control": {"type": "ephemeral"}} for number in range(5)]}]},
    }
    heard = {}
    for name, changed in asked.items():
        try:
            ask(**changed)
        except anthropic.BadRequestError as error:
            heard[name] = error.body["error"]["message"]
            continue
        raise AssertionError(f"not refused: {name}")
    try:
        ask(model="claude-none")
    except anthropic.NotFoundError:
        return heard
    raise AssertionError("an unknown model was accepted")


def retries(client, port):
    script(port, {"fault": "overloaded"}, {"fault": "rate_limit", "retry_after_ms": 5}, {"text": "Third time."})
    answer = client.messages.create(model=MODEL, max_tokens=10, messages=[QUESTION])
    assert answer.content[0].text == "Third time.", answer


def main():
    port = int(sys.argv[1])
    client = anthropic.Anthropic(base_url=f"http://127.0.0.1:{port}", api_key="sk-ant-test", max_retries=2)
    seen, echo, results = conversation(client, port)
    seen["refused"] = refusals(client, echo, results)
    retries(client, port)
    seen["models"] = len(client.models.list().data)
    seen["tokens"] = client.messages.count_tokens(model=MODEL, messages=[QUESTION]).input_tokens
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
