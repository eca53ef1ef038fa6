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
    /// Calls one tool. Cancelling the task cancels the call at the server. A failure that the tool reports is a result
    /// with `isError`. Throws ``ToolCallError`` when there is no result, ``InputRequired`` when the asker must answer
    /// first, or `CancellationError`.
    func call(_ call: ToolCall) async throws -> ToolResult
}

/// One call of a tool, as its source receives it.
package struct ToolCall: Sendable {
    package let name: ToolName
    /// An object.
    package let arguments: JSONValue
    /// The user under whose rights the call is made.
    package let asker: Principal
    /// The question that the call belongs to.
    package let questionID: ULID
    /// The asker's answers to what earlier runs of this call asked (``InputRequired``), oldest first.
    package let inputs: [InputAnswer]

    package init(
        _ name: ToolName, arguments: JSONValue, asker: Principal, questionID: ULID = ULID(), inputs: [InputAnswer] = []
    ) {
        self.name = name
        self.arguments = arguments
        self.asker = asker
        self.questionID = questionID
        self.inputs = inputs
    }
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
