import Bridge

/// A question's outcome as JSON, for HTTP and `--json`: the original's fields, and `calls` with the details.
enum AnswerJSON {
    static func body(_ outcome: QuestionOutcome) -> JSONValue {
        var body: JSONObject = ["success": false]
        switch outcome {
        case .answered(let answer):
            body = ["success": true, "answer": .string(answer.text)]
            if let warning = answer.warning { body["warning"] = .string(warning.rawValue) }
        case .refused(let refusal):
            body["error"] = [
                "code": .string(ErrorCode.refused.rawValue), "message": .string(refusal.message),
                "rule": .string(refusal.rule),
            ]
        case .failed(let failure), .interrupted(let failure):
            body["error"] = [
                "code": .string(failure.error.code.rawValue), "message": .string(failure.error.description),
                "id": .string(failure.errorID),
            ]
        case .cancelled:
            body["error"] = ["code": .string(ErrorCode.cancelled.rawValue), "message": "The question was stopped."]
        }
        return .object(body.merging(fields(outcome.usage)) { first, _ in first })
    }

    /// A direct call: the tool's result as MCP defines it, or the error.
    static func body(_ called: DirectCallResult) -> JSONValue {
        var body: JSONObject = [
            "success": false, "server": .string(called.tool.server), "tool": .string(called.tool.tool),
        ]
        if case .answered(let answer) = called.outcome {
            body["success"] = true
            if let warning = answer.warning { body["warning"] = .string(warning.rawValue) }
        }
        if let result = called.result { body["result"] = result.json }
        if let error = Self.body(called.outcome)["error"] { body["error"] = error }
        body["duration_ms"] = .int(Int64(called.outcome.usage.milliseconds))
        body["question_id"] = .string(called.id.text)
        return .object(body)
    }

    private static func fields(_ usage: Usage) -> JSONObject {
        let sent = usage.calls.filter { $0.outcome != .denied }
        var names: [JSONValue] = []
        for call in sent where !names.contains(.string("\(call.name)")) { names.append(.string("\(call.name)")) }
        return [
            "tool_calls": .int(Int64(sent.count)), "tools_used": .array(names),
            "calls": .array(usage.calls.map(call)), "iterations": .int(Int64(usage.iterations)),
            "tokens": [
                "input": .int(Int64(usage.tokens.input)), "output": .int(Int64(usage.tokens.output)),
                "cached": .int(Int64(usage.tokens.cacheRead)), "cache_write": .int(Int64(usage.tokens.cacheWrite)),
            ],
            "cost": .double(Double(usage.cost.nano) / 1e9), "duration_ms": .int(Int64(usage.milliseconds)),
        ]
    }

    /// One tool call of a question, with its rule when the policy denied it.
    static func call(_ call: ToolActivity) -> JSONValue {
        var entry: JSONObject = [
            "id": .string(call.id), "server": .string(call.name.server), "tool": .string(call.name.tool),
            "arguments": call.arguments, "status": .string(call.outcome.rawValue), "ms": .int(Int64(call.milliseconds)),
        ]
        if call.outcome == .denied { entry["rule"] = .string("\(call.verdict.rule)") }
        if let error = call.error { entry["error"] = .string(error) }
        return .object(entry)
    }

    /// The name and data of a server-sent event.
    static func event(_ event: AnswerEvent) -> (name: String, data: JSONValue) {
        switch event {
        case .status(let text): ("status", ["text": .string(text)])
        case .text(let text): ("text", ["text": .string(text)])
        case .narration(let text): ("narration", ["text": .string(text)])
        case .textWithdrawn: ("text", ["text": "", "withdrawn": true])
        case .toolStarted(let activity): ("tool_started", call(activity))
        case .toolFinished(let activity): ("tool_finished", call(activity))
        case .toolReturned(let result): ("tool_result", result.json)
        }
    }

    /// The name of the last server-sent event.
    static func name(_ outcome: QuestionOutcome) -> String {
        switch outcome {
        case .answered: "done"
        case .refused: "refused"
        case .failed, .interrupted, .cancelled: "failed"
        }
    }
}
