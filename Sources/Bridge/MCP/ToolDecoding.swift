import OrderedCollections

/// Decodes the results of `tools/list` and `tools/call` (MCP, "Tools").
enum ToolDecoding {
    /// A tool that cannot be offered, and why.
    struct Unusable: Error, Hashable {
        let name: String
        let reason: String
    }

    /// Decodes one entry of `tools`. A missing schema, or one without a type, gets the type `object`; any other is kept
    /// as it is. A tool is unusable without a name, with a name of more than 256 bytes, or when its schema describes no
    /// object.
    static func tool(_ value: JSONValue, of server: String) throws(Unusable) -> ToolDefinition {
        guard let name = value["name"]?.string, !name.isEmpty else {
            throw Unusable(name: "", reason: "it has no name")
        }
        guard name.utf8.count <= 256 else {
            throw Unusable(name: String(name.prefix(64)), reason: "its name is longer than 256 bytes")
        }
        let hints = value["annotations"]
        let tool = ToolDefinition(
            name: ToolName(server: server, tool: name),
            title: value["title"]?.string ?? hints?["title"]?.string,
            description: value["description"]?.string ?? "", inputSchema: schema(value["inputSchema"]),
            annotations: ToolAnnotations(
                readOnly: hints?["readOnlyHint"]?.bool, destructive: hints?["destructiveHint"]?.bool,
                idempotent: hints?["idempotentHint"]?.bool, openWorld: hints?["openWorldHint"]?.bool))
        if let problem = tool.modelSchema.problem { throw Unusable(name: name, reason: problem) }
        return tool
    }

    private static func schema(_ value: JSONValue?) -> JSONValue {
        guard let value, !value.isNull else { return ["type": "object", "properties": [:]] }
        guard case .object(var members) = value else { return value }
        if SchemaReferences.reference(of: members) == nil, (members["type"] ?? .null).isNull {
            members["type"] = nil
            members.updateValue("object", forKey: "type", insertingAt: 0)
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
            if let (data, type) = blob(block) {
                // The first bytes tell what it is; what is no image is kept as it came.
                guard let image = Base64Image(data) else { return .image(data: data, mimeType: type) }
                return .image(data: image.base64, mimeType: image.format.mimeType)
            }
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

    /// Base64 data and MIME type, also when the server uses the names of a model API; nil without data.
    private static func blob(_ block: JSONValue) -> (String, String)? {
        guard let data = block["data"]?.string ?? block["source"]?["data"]?.string else { return nil }
        let type = block["mimeType"] ?? block["mime_type"] ?? block["source"]?["media_type"]
        return (data, type?.string ?? "unknown")
    }
}
