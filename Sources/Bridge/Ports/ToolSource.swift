/// Something that has tools: an MCP server behind a transport, or tools in this process.
///
/// The bridge decides who may call what; a source only calls.
package protocol ToolSource: Sendable {
    /// The server's name in mcps.yaml.
    var server: String { get }
    /// The tools it has now, all pages. Throws when the source cannot be reached.
    func listTools() async throws -> [ToolDefinition]
    /// Calls one tool by its bare name; `arguments` is an object. Cancelling the task cancels the call at the server.
    /// A failure that the tool reports is a result with `isError`; a throw is ``ToolCallError``.
    func callTool(_ name: String, arguments: JSONValue) async throws -> ToolResult
}

/// Why a call has no result, and whether it may have happened all the same.
package struct ToolCallError: Error, Sendable, CustomStringConvertible {
    /// One line for the model, the asker and the record; no secrets.
    package let message: String
    /// True when the request may have reached the server: it must not be sent again unless it is idempotent.
    package let mayHaveHappened: Bool

    package init(_ message: String, mayHaveHappened: Bool) {
        self.message = message
        self.mayHaveHappened = mayHaveHappened
    }

    package var description: String { message }
}
