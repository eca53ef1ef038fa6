import Bridge
import Foundation
import Logging
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import DemoOps

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
        let logger = Logger(label: "notebook", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = MCPServer(
            noteTools, identity: MCPImplementation(name: "notebook", version: "1"), logger: logger)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let service = DemoHTTPService(
            server: server, host: "127.0.0.1", port: 0, onRunning: { port.yield($0) }, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await service.run()
            }
            defer { group.cancelAll() }
            let bound = await ports.first { _ in true }
            if bound == nil { try await group.waitForAll() }
            let number = try #require(bound, "the notebook was closed before it was open")
            try await body(noteTools, "http://127.0.0.1:\(number)/mcp")
        }
    }
}
