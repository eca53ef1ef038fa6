/// The body of `POST /v1/messages` for a ``ModelRequest``: equal requests make equal bytes.
///
/// Cache breakpoints lie where the prefix is the same next time: behind the tools, behind the system prompt and
/// behind the last user message; four are allowed (Anthropic, "Prompt caching").
struct AnthropicRequest {
    /// Asked for, which a fallback makes another than the request's own.
    let model: String
    let request: ModelRequest
    /// Bare ids of models whose thinking this model must not be sent: thinking is bound to the model that thought.
    let foreignThinkers: Set<String>

    func body() -> [UInt8] {
        var body = JSONObjectWriter()
        body.add("model", .string(model))
        body.add("max_tokens", .int(Int64(request.maxTokens)))
        body.add("stream", true)
        if ModelCapabilities.of(model).speaksInThinking {
            body.add("thinking", ["type": "adaptive", "display": "summarized"])
        }
        if !request.tools.isEmpty {
            body.add("tools", elements: tools)
            // The tools stay, since without them both the cache and the calls in the conversation would be invalid.
            if !request.mayCallTools { body.add("tool_choice", ["type": "none"]) }
        }
        if !request.system.isEmpty {
            body.add("system", [["type": "text", "text": .string(request.system), "cache_control": .ephemeral]])
        }
        body.add("messages", elements: messages)
        return body.finish()
    }

    private var tools: [[UInt8]] {
        request.tools.enumerated().map { index, tool in
            var object: JSONValue = [
                "name": .string(tool.wireName), "description": .string(tool.definition.description),
                "input_schema": AnthropicTools.schema(tool.definition.inputSchema),
            ]
            if index == request.tools.count - 1 { object["cache_control"] = .ephemeral }
            return object.bytes()
        }
    }

    private var messages: [[UInt8]] {
        var messages = AnthropicMessages(foreignThinkers: foreignThinkers)
        for message in request.messages { messages.append(message) }
        return messages.elements()
    }
}

enum AnthropicTools {
    /// A tool's schema as the API takes it: an object, and no alternatives at the top level, which it rejects; one
    /// such tool would make every request fail. The server checks the arguments itself.
    static func schema(_ schema: JSONValue) -> JSONValue {
        guard var members = schema.object else { return ["type": "object", "properties": [:]] }
        for alternative in ["oneOf", "anyOf", "allOf"] { members[alternative] = nil }
        members["type"] = "object"
        return .object(members)
    }
}

extension JSONValue {
    /// A cache breakpoint for five minutes.
    static let ephemeral: JSONValue = ["type": "ephemeral"]
}
