/// The body of `POST /v1/messages` for a ``ModelRequest``. Equal requests make equal bytes.
///
/// Cache breakpoints are after the tools, after the system prompt and after the last user message (sometimes also after
/// the one before), where the prefix is the same in the next request; four are allowed (Anthropic, "Prompt caching").
struct AnthropicRequest {
    let request: ModelRequest

    /// The body as JSON in UTF-8.
    func body() -> [UInt8] {
        var body = JSONObjectWriter()
        body.add("model", .string(request.model))
        body.add("max_tokens", .int(Int64(request.maxTokens)))
        body.add("stream", true)
        if ModelCapabilities.of(request.model).speaksInThinking {
            body.add("thinking", ["type": "adaptive", "display": "summarized"])
        }
        if !request.tools.isEmpty {
            body.add("tools", elements: tools)
            // The tools stay in the request: without them the cached prefix and the calls in the messages would be
            // invalid.
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
                "input_schema": tool.definition.modelSchema.schema,
            ]
            if index == request.tools.count - 1 { object["cache_control"] = .ephemeral }
            return object.bytes()
        }
    }

    private var messages: [[UInt8]] {
        var messages = AnthropicMessages()
        for message in request.messages { messages.append(message) }
        return messages.elements()
    }
}

extension JSONValue {
    /// The value of `cache_control` for a cache breakpoint that lasts five minutes.
    static let ephemeral: JSONValue = ["type": "ephemeral"]
}
