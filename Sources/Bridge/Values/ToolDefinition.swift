/// A tool as its server describes it.
package struct ToolDefinition: Sendable, Hashable {
    package let name: ToolName
    package let title: String?
    package let description: String
    /// JSON Schema of the arguments; always an object schema.
    package let inputSchema: JSONValue
    package let annotations: ToolAnnotations

    package init(
        name: ToolName, title: String? = nil, description: String, inputSchema: JSONValue,
        annotations: ToolAnnotations = ToolAnnotations()
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        self.annotations = annotations
    }
}

extension ToolDefinition {
    /// True when a second call does no harm: the server says that it only reads, or that it is idempotent. What a
    /// server says nothing about counts as a write (decisions, section 3).
    package var isRepeatable: Bool { annotations.readOnly == true || annotations.idempotent == true }
}

/// What a server claims about a tool; hints, and nil where it claims nothing (MCP, "Tool annotations").
package struct ToolAnnotations: Sendable, Hashable {
    package var readOnly: Bool?
    package var destructive: Bool?
    package var idempotent: Bool?
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

/// What a tool call gave back.
package struct ToolResult: Sendable, Hashable {
    package var content: [ToolContent]
    package var structured: JSONValue?
    /// The tool says that it failed; the model reads the content and goes on.
    package var isError: Bool

    package init(content: [ToolContent], structured: JSONValue? = nil, isError: Bool = false) {
        self.content = content
        self.structured = structured
        self.isError = isError
    }

    package static func text(_ text: String, isError: Bool = false) -> ToolResult {
        ToolResult(content: [.text(text)], isError: isError)
    }

    /// The text blocks, joined by a line break; the structured content as JSON when there is no text.
    package var text: String {
        let texts = content.compactMap { if case .text(let text) = $0 { text } else { nil } }
        return texts.isEmpty ? structured?.text() ?? "" : texts.joined(separator: "\n")
    }
}

package enum ToolContent: Sendable, Hashable {
    case text(String)
    /// Base64 and MIME type.
    case image(data: String, mimeType: String)
    case audio(data: String, mimeType: String)
    /// A link to something that can be read from the server.
    case resourceLink(uri: String, name: String, description: String?)
    /// Text that was embedded with its address.
    case resource(uri: String, text: String?)
    /// A kind of block that this program does not know, as it came.
    case unknown(JSONValue)
}
