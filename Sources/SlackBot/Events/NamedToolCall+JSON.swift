import Bridge

extension NamedToolCall {
    /// The call in the context of a stored question.
    var json: JSONValue {
        ["server": .string(tool.server), "tool": .string(tool.tool), "arguments": arguments]
    }

    /// Decodes ``json``; nil for anything else.
    init?(_ json: JSONValue) {
        guard let server = json["server"]?.string, let tool = json["tool"]?.string, let arguments = json["arguments"]
        else { return nil }
        self.init(ToolName(server: server, tool: tool), arguments: arguments)
    }
}
