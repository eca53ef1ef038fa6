import Bridge
import NIOConcurrencyHelpers

/// An MCP server over HTTP that outlives the program under test. One tool reads, one writes; it records each write.
final class NoteTools: MCPToolHandler {
    private let written = NIOLockedValueBox<[String]>([])
    private let read = NIOLockedValueBox(0)

    var notes: [String] { written.withLockedValue { $0 } }
    var reads: Int { read.withLockedValue { $0 } }

    func tools() async throws -> [ToolDefinition] {
        let text: JSONValue = ["type": "object", "properties": ["text": ["type": "string"]], "required": ["text"]]
        return [
            ToolDefinition(
                name: ToolName(server: "notes", tool: "read_notes"), description: "Reads all notes.",
                inputSchema: ["type": "object"], annotations: ToolAnnotations(readOnly: true)),
            ToolDefinition(
                name: ToolName(server: "notes", tool: "write_note"), description: "Writes one note.", inputSchema: text,
                annotations: ToolAnnotations(readOnly: false, destructive: false, idempotent: false)),
        ]
    }

    func call(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        guard name == "write_note" else {
            read.withLockedValue { $0 += 1 }
            return .text(notes.joined(separator: "\n"))
        }
        written.withLockedValue { $0.append(arguments["text"]?.string ?? "") }
        return .text("written")
    }

    /// Serves the tools for the duration of `body`, which receives the server's URL.
    static func run(_ body: @escaping @Sendable (NoteTools, String) async throws -> Void) async throws {
        let noteTools = NoteTools()
        try await serveTools(noteTools, as: "notebook") { url in try await body(noteTools, url) }
    }
}
