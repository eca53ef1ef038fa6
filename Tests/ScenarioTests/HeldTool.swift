import Bridge

/// An MCP server whose only tool, `look`, returns when it is released.
struct HeldTool: MCPToolHandler {
    private let releases: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (releases, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func release() { continuation.yield() }

    func tools() async throws -> [ToolDefinition] {
        [
            ToolDefinition(
                name: ToolName(server: "shop", tool: "look"), description: "Looks around.",
                inputSchema: ["type": "object"], annotations: ToolAnnotations(readOnly: true))
        ]
    }

    func call(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        for await _ in releases { break }
        return .text("All is well.")
    }
}
