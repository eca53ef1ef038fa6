/// The tools that an ``MCPServer`` offers.
package protocol MCPToolHandler: Sendable {
    /// All tools, always in the same order. Clients see only the tool part of a name, not the server part.
    func tools() async throws -> [ToolDefinition]
    /// Calls a tool of ``tools()`` with arguments that ``JSONSchemaValidator`` has accepted. The task is cancelled when
    /// the client cancels the call.
    ///
    /// - Throws: any error; its description is sent to the client as a result with `isError`.
    func call(_ name: String, arguments: JSONValue) async throws -> ToolResult
}
