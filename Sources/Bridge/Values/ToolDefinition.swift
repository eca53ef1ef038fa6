/// A tool as its server describes it.
package struct ToolDefinition: Sendable, Hashable {
    package let name: ToolName
    /// A name for users; nil when the server has none.
    package let title: String?
    package let description: String
    /// JSON Schema of the arguments, as the server gives it: any JSON.
    package let inputSchema: JSONValue
    /// The same for a model.
    package let modelSchema: ToolSchema
    package let annotations: ToolAnnotations

    package init(
        name: ToolName, title: String? = nil, description: String, inputSchema: JSONValue,
        annotations: ToolAnnotations = ToolAnnotations()
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        modelSchema = ToolSchema(inputSchema)
        self.annotations = annotations
    }
}

extension ToolDefinition {
    /// Whether a call may be sent again when its effect is unknown: true when the server declares the tool read-only or
    /// idempotent. A tool without these annotations counts as a write.
    package var isRepeatable: Bool { annotations.readOnly == true || annotations.idempotent == true }
}

/// What a server declares about a tool: hints (MCP, `ToolAnnotations`), nil where the server declares nothing.
package struct ToolAnnotations: Sendable, Hashable {
    /// `readOnlyHint`: the tool does not change its environment.
    package var readOnly: Bool?
    /// `destructiveHint`: the tool may delete or overwrite.
    package var destructive: Bool?
    /// `idempotentHint`: a repeated call with the same arguments has no further effect.
    package var idempotent: Bool?
    /// `openWorldHint`: the tool interacts with external systems.
    package var openWorld: Bool?

    package init(
        readOnly: Bool? = nil, destructive: Bool? = nil, idempotent: Bool? = nil, openWorld: Bool? = nil
    ) {
        self.readOnly = readOnly
        self.destructive = destructive
        self.idempotent = idempotent
        self.openWorld = openWorld
    }
}

/// The result of a tool call (MCP, `CallToolResult`).
package struct ToolResult: Sendable, Hashable {
    package var content: [ToolContent]
    /// Content for the user only (MCP, `annotations.audience` is exactly `["user"]`): no model receives it, the journal
    /// keeps it. A text directly after an image here is the image's alternative text, for which MCP has no field; see
    /// ``showUser(image:mimeType:altText:)``.
    package var userContent: [ToolContent]
    /// `structuredContent`; nil when the tool returned none.
    package var structured: JSONValue?
    /// The tool reported a failure; the model receives the content as an error.
    package var isError: Bool

    package init(
        content: [ToolContent], userContent: [ToolContent] = [], structured: JSONValue? = nil, isError: Bool = false
    ) {
        self.content = content
        self.userContent = userContent
        self.structured = structured
        self.isError = isError
    }

    /// A result with one text block.
    package static func text(_ text: String, isError: Bool = false) -> ToolResult {
        ToolResult(content: [.text(text)], isError: isError)
    }

    /// Adds an image that only the user sees, with its alternative text.
    ///
    /// - Parameter data: base64.
    package mutating func showUser(image data: String, mimeType: String, altText: String) {
        userContent += [.image(data: data, mimeType: mimeType), .text(altText)]
    }

    /// The text blocks of ``content``, joined by a line break; the structured content as JSON when there is no text.
    package var text: String {
        let texts = content.compactMap { if case .text(let text) = $0 { text } else { nil } }
        return texts.isEmpty ? structured?.text() ?? "" : texts.joined(separator: "\n")
    }
}

/// One content block of a result (MCP, `ContentBlock`).
package enum ToolContent: Sendable, Hashable {
    case text(String)
    /// Base64 and MIME type.
    case image(data: String, mimeType: String)
    /// Base64 and MIME type.
    case audio(data: String, mimeType: String)
    /// A link to a resource that can be read from the server.
    case resourceLink(uri: String, name: String, description: String?)
    /// An embedded resource; `text` is nil when the resource is binary.
    case resource(uri: String, text: String?)
    /// A block of an unknown type, as it was received.
    case unknown(JSONValue)
}
