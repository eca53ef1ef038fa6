/// A source of tools: an MCP server behind a transport, or tools in this process.
///
/// A source does not check rights; its caller has applied the policy.
package protocol ToolSource: Sendable {
    /// The server's name in mcps.yaml, or the name of a source in this process.
    var server: String { get }
    /// The source's current tools, of all pages. Throws when they cannot be listed.
    func listTools() async throws -> [ToolDefinition]
    /// The tools that the last listing left out. By default none.
    var leftOutTools: [LeftOutTool] { get }
    /// Calls one tool by its bare name; `arguments` is an object. Cancelling the task cancels the call at the server.
    /// A failure that the tool reports is a result with `isError`. Throws ``ToolCallError`` when there is no result, or
    /// `CancellationError`.
    func callTool(_ name: String, arguments: JSONValue) async throws -> ToolResult
}

extension ToolSource {
    package var leftOutTools: [LeftOutTool] { [] }
}

/// Why a call has no result, and whether it may have taken effect nevertheless.
package struct ToolCallError: Error, Sendable, CustomStringConvertible {
    /// One line for the model, the asker and the audit log; without secrets.
    package let message: String
    /// True when the request may have reached the server: it must not be sent again unless it is idempotent.
    package let mayHaveHappened: Bool

    package init(_ message: String, mayHaveHappened: Bool) {
        self.message = message
        self.mayHaveHappened = mayHaveHappened
    }

    package var description: String { message }
}
