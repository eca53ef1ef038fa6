import OrderedCollections

/// Decodes the results of `tools/list` and `tools/call` (MCP, "Tools").
enum ToolDecoding {
    /// A tool that cannot be offered, and why.
    struct Unusable: Error, Hashable {
        let name: String
        let reason: String
    }

    /// Decodes one entry of `tools`. A missing schema, or one without a type, gets the type `object`. A tool is
    /// unusable without a name, with a name of more than 256 bytes, or when its schema does not describe an object.
    static func tool(_ value: JSONValue, of server: String) throws(Unusable) -> ToolDefinition {
        guard let name = value["name"]?.string, !name.isEmpty else {
            throw Unusable(name: "", reason: "it has no name")
        }
        guard name.utf8.count <= 256 else {
            throw Unusable(name: String(name.prefix(64)), reason: "its name is longer than 256 bytes")
        }
        let hints = value["annotations"]
        return ToolDefinition(
            name: ToolName(server: server, tool: name),
            title: value["title"]?.string ?? hints?["title"]?.string,
            description: value["description"]?.string ?? "", inputSchema: try schema(value["inputSchema"], of: name),
            annotations: ToolAnnotations(
                readOnly: hints?["readOnlyHint"]?.bool, destructive: hints?["destructiveHint"]?.bool,
                idempotent: hints?["idempotentHint"]?.bool, openWorld: hints?["openWorldHint"]?.bool))
    }

    private static func schema(_ value: JSONValue?, of tool: String) throws(Unusable) -> JSONValue {
        let empty: JSONValue = ["type": "object", "properties": [:]]
        guard let value, !value.isNull else { return empty }
        guard case .object(var members) = value else {
            throw Unusable(name: tool, reason: "its inputSchema is no object")
        }
        switch members["type"] {
        case nil: members.updateValue("object", forKey: "type", insertingAt: 0)
        case .string("object"): break
        default: throw Unusable(name: tool, reason: "its inputSchema describes no object")
        }
        if let properties = members["properties"], properties.object == nil {
            throw Unusable(name: tool, reason: "the properties of its inputSchema are no object")
        }
        return .object(members)
    }

    /// Decodes the result of `tools/call` leniently: missing members are empty, unknown content is passed on unchanged.
    /// Content whose audience is the user alone becomes ``ToolResult/userContent`` (MCP, `Annotations`).
    static func result(_ value: JSONValue) -> ToolResult {
        let blocks = value["content"]?.array ?? []
        return ToolResult(
            content: blocks.filter { !isForUserOnly($0) }.map(content),
            userContent: blocks.filter(isForUserOnly).map(content), structured: value["structuredContent"],
            isError: value["isError"]?.bool ?? false)
    }

    private static func isForUserOnly(_ block: JSONValue) -> Bool {
        block["annotations"]?["audience"] == ["user"]
    }

    private static func content(_ block: JSONValue) -> ToolContent {
        switch block["type"]?.string {
        case "text":
            if let text = block["text"]?.string { return .text(text) }
        case "image":
            if let (data, type) = blob(block) { return .image(data: data, mimeType: type) }
        case "audio":
            if let (data, type) = blob(block) { return .audio(data: data, mimeType: type) }
        case "resource_link":
            if let uri = block["uri"]?.string {
                return .resourceLink(
                    uri: uri, name: block["name"]?.string ?? block["title"]?.string ?? uri,
                    description: block["description"]?.string)
            }
        case "resource":
            if let uri = block["resource"]?["uri"]?.string {
                return .resource(uri: uri, text: block["resource"]?["text"]?.string)
            }
        default: break
        }
        return .unknown(block)
    }

    /// Base64 data and MIME type; nil when one is missing.
    private static func blob(_ block: JSONValue) -> (String, String)? {
        guard let data = block["data"]?.string, let type = block["mimeType"]?.string else { return nil }
        return (data, type)
    }
}
