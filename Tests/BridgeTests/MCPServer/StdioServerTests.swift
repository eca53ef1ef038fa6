import Foundation
import Logging
import Testing

@testable import Bridge

/// Tools that take their time.
private struct SlowTools: MCPToolHandler {
    func tools() async throws -> [ToolDefinition] {
        ["short", "endless"].map { name in
            ToolDefinition(
                name: ToolName(server: "slow", tool: name), description: name, inputSchema: ["type": "object"],
                annotations: ToolAnnotations(readOnly: true))
        }
    }

    func call(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        try await Task.sleep(for: name == "short" ? .milliseconds(300) : .seconds(600))
        return .text("done")
    }
}

@Suite("The server side of MCP over standard input and output", .timeLimit(.minutes(1)))
struct StdioServerTests {
    /// The responses to an input that ends at once.
    private func responses(to lines: [String], grace: Duration) async throws -> [JSONValue] {
        let (input, output) = (Pipe(), Pipe())
        let server = MCPServer(
            SlowTools(), identity: MCPImplementation(name: "slow", version: "1"),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try input.fileHandleForWriting.write(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8))
        try input.fileHandleForWriting.close()
        await StdioServer(
            server, input: input.fileHandleForReading, output: output.fileHandleForWriting, grace: grace
        ).run()
        // The responses fit into the pipe's buffer.
        try output.fileHandleForWriting.close()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        return try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map {
            try JSONValue(parsing: String($0))
        }
    }

    private static func call(_ tool: String, id: Int) -> String {
        #"{"jsonrpc": "2.0", "id": \#(id), "method": "tools/call", "params": {"name": "\#(tool)"}}"#
    }

    @Test("calls that run at the end of the input are answered")
    func lastCalls() async throws {
        let answers = try await responses(to: (1...3).map { Self.call("short", id: $0) }, grace: .seconds(20))
        #expect(Set(answers.compactMap { $0["id"]?.int }) == [1, 2, 3])
        #expect(answers.allSatisfy { $0["result"]?["content"]?[0]?["text"] == "done" })
    }

    @Test("a call that does not end within the grace period is cancelled")
    func endlessCall() async throws {
        let start = ContinuousClock.now
        let answers = try await responses(
            to: [Self.call("endless", id: 1), Self.call("short", id: 2)], grace: .seconds(2))
        #expect(answers.compactMap { $0["id"]?.int } == [2])
        #expect(ContinuousClock.now - start >= .seconds(2))
    }

    @Test("a message that is none is refused")
    func noMessage() async throws {
        let answers = try await responses(to: ["7", "{", "[]"], grace: .seconds(20))
        #expect(answers.compactMap { $0["error"]?["code"]?.int }.sorted() == [-32700, -32600, -32600])
    }
}
