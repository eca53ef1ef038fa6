import Bridge

extension StoredStep {
    /// The step as module `Bridge` wrote it; nil if this version cannot read it.
    var step: QuestionStep? {
        switch kind {
        case .modelTurn: return ModelTurn(payload).map { .modelTurn($0) }
        case .toolStarted: return activity.map { .toolStarted($0) }
        case .toolResult:
            guard let activity, let content = payload["content"]?.array else { return nil }
            let structured = payload["structured"].flatMap { $0.isNull ? nil : $0 }
            let result = ToolResult(
                content: content.map { ToolContent($0) },
                userContent: (payload["user_content"]?.array ?? []).map { ToolContent($0) }, structured: structured,
                isError: payload["is_error"]?.bool ?? false)
            return .toolResult(activity, result)
        case .waiting: return Wait(payload).map { .waiting($0) }
        case .waitEnded:
            guard let id = payload["id"]?.string.flatMap({ ULID($0) }), let answer = InputAnswer(payload) else {
                return nil
            }
            return .waitEnded(id, answer)
        }
    }

    private var activity: ToolActivity? {
        guard let callID, let server = payload["server"]?.string, let tool = payload["tool"]?.string,
            let verdict = payload["verdict"].flatMap({ Verdict($0) }),
            let outcome = payload["outcome"]?.string.flatMap(ToolActivity.Outcome.init(rawValue:))
        else { return nil }
        var activity = ToolActivity(
            id: callID, name: ToolName(server: server, tool: tool), arguments: payload["arguments"] ?? [:],
            verdict: verdict)
        activity.outcome = outcome
        activity.milliseconds = payload["ms"]?.int.map { Int($0) } ?? 0
        activity.resultBytes = payload["bytes"]?.int.map { Int($0) } ?? 0
        activity.error = payload["error"]?.string
        return activity
    }
}

extension ModelTurn {
    fileprivate init?(_ json: JSONValue) {
        guard let blocks = json["blocks"]?.array, let stop = json["stop"]?.string, let model = json["model"]?.string
        else { return nil }
        self.init(
            // Earlier versions stored no provider; their blocks are in Anthropic's format.
            provider: json["provider"]?.string ?? "anthropic", rawBlocks: blocks.compactMap(\.string),
            text: json["text"]?.string ?? "",
            calls: (json["calls"]?.array ?? []).compactMap { ModelToolCall($0) }, stop: Stop(named: stop),
            usage: TokenUsage(json["usage"]), model: model)
        for (other, requests) in json["spent"]?.object ?? [:] {
            // Earlier versions stored the sum of a model's requests, as one object.
            spent[other] = (requests.array ?? [requests]).map { TokenUsage($0) }
        }
    }
}

extension TokenUsage {
    fileprivate init(_ json: JSONValue?) {
        func tokens(_ key: String) -> Int { json?[key]?.int.map { Int($0) } ?? 0 }
        self.init(
            input: tokens("input"), output: tokens("output"), cacheRead: tokens("cache_read"),
            cacheWrite5m: tokens("cache_write_5m"), cacheWrite1h: tokens("cache_write_1h"))
    }
}

extension ModelToolCall {
    fileprivate init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let name = json["name"]?.string else { return nil }
        self.init(id: id, wireName: name, input: json["input"].flatMap { $0.isNull ? nil : $0 })
    }
}

extension ModelTurn.Stop {
    /// The category of a refusal and the name of a withheld tool are not stored: such a turn ends its question and is
    /// evaluated again.
    fileprivate init(named name: String) {
        switch name {
        case "end_turn": self = .endTurn
        case "tool_use": self = .toolUse
        case "max_tokens": self = .maxTokens
        case "stop_sequence": self = .stopSequence
        case "pause_turn": self = .pauseTurn
        case "context_exceeded": self = .contextExceeded
        case "refusal": self = .refusal(category: nil)
        default: self = .unknown(name)
        }
    }
}

extension Verdict {
    fileprivate init?(_ json: JSONValue) {
        guard let decision = json["decision"]?.string.flatMap(Decision.init(rawValue:)) else { return nil }
        self.init(
            decision, step: json["step"]?.int.flatMap { Step(rawValue: Int($0)) },
            rule: RuleSource(
                file: json["file"]?.string ?? "", line: json["line"]?.int.map { Int($0) } ?? 0,
                key: json["key"]?.string ?? ""),
            reason: json["reason"]?.string ?? "", notes: json["notes"]?.array?.compactMap(\.string) ?? [])
    }
}

extension ToolContent {
    fileprivate init(_ json: JSONValue) {
        let (data, type) = (json["data"]?.string, json["mimeType"]?.string)
        switch (json["type"]?.string, data, type) {
        case ("text", _, _): self = json["text"]?.string.map { .text($0) } ?? .unknown(json)
        case ("image", .some(let data), .some(let type)): self = .image(data: data, mimeType: type)
        case ("audio", .some(let data), .some(let type)): self = .audio(data: data, mimeType: type)
        case ("resource_link", _, _):
            guard let uri = json["uri"]?.string, let name = json["name"]?.string else { fallthrough }
            self = .resourceLink(uri: uri, name: name, description: json["description"]?.string)
        case ("resource", _, _):
            guard let uri = json["resource"]?["uri"]?.string else { fallthrough }
            self = .resource(uri: uri, text: json["resource"]?["text"]?.string)
        default: self = .unknown(json)
        }
    }
}
