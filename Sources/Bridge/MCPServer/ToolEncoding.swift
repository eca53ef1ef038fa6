import OrderedCollections

/// Encodes tools and results for `tools/list` and `tools/call` (MCP, "Tools").
enum ToolEncoding {
    /// An entry of `tools`; its name is the tool part only.
    static func tool(_ tool: ToolDefinition) -> JSONValue {
        var members: JSONObject = ["name": .string(tool.name.tool)]
        members["title"] = tool.title.map(JSONValue.string)
        members["description"] = .string(tool.description)
        members["inputSchema"] = tool.inputSchema
        var hints: JSONObject = [:]
        hints["readOnlyHint"] = tool.annotations.readOnly.map(JSONValue.bool)
        hints["destructiveHint"] = tool.annotations.destructive.map(JSONValue.bool)
        hints["idempotentHint"] = tool.annotations.idempotent.map(JSONValue.bool)
        hints["openWorldHint"] = tool.annotations.openWorld.map(JSONValue.bool)
        if !hints.isEmpty { members["annotations"] = .object(hints) }
        return .object(members)
    }

    /// The result of `tools/call`.
    static func result(_ result: ToolResult) -> JSONValue {
        var blocks = result.content.map(content)
        // For clients that do not support structured content it is also sent as text (MCP, "Structured Content").
        if blocks.isEmpty, let structured = result.structured {
            blocks = [["type": "text", "text": .string(structured.text())]]
        }
        blocks += result.userContent.map(contentForUser)
        var members: JSONObject = ["content": .array(blocks), "isError": .bool(result.isError)]
        if let structured = result.structured { members["structuredContent"] = structured }
        return .object(members)
    }

    /// A block whose audience is the user alone (MCP, `Annotations`).
    private static func contentForUser(_ part: ToolContent) -> JSONValue {
        var block = content(part)
        block["annotations"] = ["audience": ["user"]]
        return block
    }

    private static func content(_ content: ToolContent) -> JSONValue {
        switch content {
        case .text(let text): return ["type": "text", "text": .string(text)]
        case .image(let data, let type): return ["type": "image", "data": .string(data), "mimeType": .string(type)]
        case .audio(let data, let type): return ["type": "audio", "data": .string(data), "mimeType": .string(type)]
        case .resourceLink(let uri, let name, let description):
            var link: JSONObject = ["type": "resource_link", "uri": .string(uri), "name": .string(name)]
            link["description"] = description.map(JSONValue.string)
            return .object(link)
        case .resource(let uri, let text):
            return ["type": "resource", "resource": ["uri": .string(uri), "text": .string(text ?? "")]]
        case .unknown(let block): return block
        }
    }
}

extension ToolResult {
    /// The result as in the response to `tools/call` (MCP, "Tool Result"): `content`, `isError`, `structuredContent`.
    package var json: JSONValue { ToolEncoding.result(self) }
}
