/// Offers an ``MCPToolHandler`` of this process as a source of tools, without a transport.
///
/// Arguments are validated as ``MCPServer`` validates them, so that a handler receives the same either way. Only for
/// handlers whose tools have no side effects: a call that is late is reported as one that did not happen.
package struct HandlerToolSource: ToolSource {
    package let server: String
    private let handler: any MCPToolHandler
    private let timeout: Duration

    /// - Parameters:
    ///   - server: the server part of the tools' names.
    ///   - timeout: the limit of one call.
    package init(_ handler: any MCPToolHandler, server: String, timeout: Duration) {
        self.handler = handler
        self.server = server
        self.timeout = timeout
    }

    package func listTools() async throws -> [ToolDefinition] { try await handler.tools() }

    package func call(_ call: ToolCall) async throws -> ToolResult {
        let name = call.name.tool
        guard let tool = try await handler.tools().first(where: { $0.name.tool == name }) else {
            throw ToolCallError("\(server) has no tool \(name.prefix(100)).", mayHaveHappened: false)
        }
        if let problem = JSONSchemaValidator.problem(of: call.arguments, against: tool.inputSchema) {
            return .text("Invalid arguments: \(problem)", isError: true)
        }
        let late = ToolCallError("\(server) did not answer within \(timeout).", mayHaveHappened: false)
        return try await withDeadline(timeout, throwing: late) { [handler] in
            do {
                return try await handler.call(name, arguments: call.arguments)
            } catch {
                try Task.checkCancellation()
                return .text("\(error)", isError: true)
            }
        }
    }
}
