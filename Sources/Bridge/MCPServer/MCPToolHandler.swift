/// The tools behind our own server side.
package protocol MCPToolHandler: Sendable {
    /// All tools, in an order that stays the same. Of their names only the tool's part is shown to clients.
    func tools() async throws -> [ToolDefinition]
    /// Calls a tool that ``tools()`` named, with arguments that fit its schema. A failure that the caller shall read is
    /// a result with `isError`; what is thrown is told to the caller as its description. Cancelled when the client
    /// cancels.
    func call(_ name: String, arguments: JSONValue) async throws -> ToolResult
}
