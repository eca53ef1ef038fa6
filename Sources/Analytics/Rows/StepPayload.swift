import Bridge

extension QuestionStep {
    /// The value of `question_steps.kind`.
    var kind: String {
        switch self {
        case .modelTurn: "model_turn"
        case .toolStarted: "tool_started"
        case .toolResult: "tool_result"
        case .waiting: "waiting"
        case .waitEnded: "wait_ended"
        }
    }

    /// The value of `question_steps.call_id`; nil for a model turn and the end of a wait.
    var callID: String? {
        switch self {
        case .modelTurn, .waitEnded: nil
        case .toolStarted(let activity), .toolResult(let activity, _): activity.id
        case .waiting(let wait): wait.callID
        }
    }

    /// The value of `question_steps.payload`, see ``StoredStep/payload``.
    var payload: JSONValue {
        switch self {
        case .modelTurn(let turn): return turn.json
        case .toolStarted(let activity): return activity.json
        case .toolResult(let activity, let result):
            var json = activity.json
            json["content"] = .array(result.content.map { $0.json })
            if !result.userContent.isEmpty { json["user_content"] = .array(result.userContent.map { $0.json }) }
            json["structured"] = result.structured ?? JSONValue.null
            json["is_error"] = .bool(result.isError)
            return json
        case .waiting(let wait): return wait.json
        case .waitEnded(let wait, let answer): return answer.json(endOf: wait)
        }
    }
}

extension ModelTurn {
    fileprivate var json: JSONValue {
        var json: JSONValue = [
            "provider": .string(provider),
            // Strings, not parsed values: a block must be sent back to its provider unchanged, byte for byte.
            "blocks": .array(rawBlocks.map { .string($0) }),
            "text": .string(text),
            "calls": .array(calls.map { $0.json }),
            "stop": .string(stop.name),
            "usage": usage.json,
            "model": .string(model),
        ]
        guard !spent.isEmpty else { return json }
        var others = JSONObject()
        for (model, requests) in spent.sorted(by: { $0.key < $1.key }) {
            others[model] = .array(requests.map { $0.json })
        }
        json["spent"] = .object(others)
        return json
    }
}

extension TokenUsage {
    fileprivate var json: JSONValue {
        [
            "input": .int(Int64(input)), "output": .int(Int64(output)), "cache_read": .int(Int64(cacheRead)),
            "cache_write_5m": .int(Int64(cacheWrite5m)), "cache_write_1h": .int(Int64(cacheWrite1h)),
        ]
    }
}

extension ModelToolCall {
    fileprivate var json: JSONValue {
        ["id": .string(id), "name": .string(wireName), "input": input ?? JSONValue.null]
    }
}

extension ModelTurn.Stop {
    fileprivate var name: String {
        switch self {
        case .endTurn: "end_turn"
        case .toolUse: "tool_use"
        case .maxTokens: "max_tokens"
        case .stopSequence: "stop_sequence"
        case .pauseTurn: "pause_turn"
        case .contextExceeded: "context_exceeded"
        case .refusal: "refusal"
        case .withheld: "withheld"
        case .unknown(let name): name
        }
    }
}

extension ToolActivity {
    fileprivate var json: JSONValue {
        [
            "server": .string(name.server), "tool": .string(name.tool), "arguments": arguments,
            "outcome": .string(outcome.rawValue), "ms": .int(Int64(milliseconds)), "bytes": .int(Int64(resultBytes)),
            "error": error.map(JSONValue.string) ?? JSONValue.null, "verdict": verdict.json,
        ]
    }
}

extension Verdict {
    fileprivate var json: JSONValue {
        [
            "decision": .string(decision.rawValue), "step": step.map { .int(Int64($0.rawValue)) } ?? JSONValue.null,
            "file": .string(rule.file), "line": .int(Int64(rule.line)), "key": .string(rule.key),
            "reason": .string(reason), "notes": .array(notes.map(JSONValue.string)),
        ]
    }
}

extension ToolContent {
    /// In MCP's format of a content block.
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): return ["type": "text", "text": .string(text)]
        case .image(let data, let type): return ["type": "image", "data": .string(data), "mimeType": .string(type)]
        case .audio(let data, let type): return ["type": "audio", "data": .string(data), "mimeType": .string(type)]
        case .resourceLink(let uri, let name, let description):
            var link: JSONValue = ["type": "resource_link", "uri": .string(uri), "name": .string(name)]
            if let description { link["description"] = .string(description) }
            return link
        case .resource(let uri, let text):
            var resource: JSONValue = ["uri": .string(uri)]
            if let text { resource["text"] = .string(text) }
            return ["type": "resource", "resource": resource]
        case .unknown(let value): return value
        }
    }
}
