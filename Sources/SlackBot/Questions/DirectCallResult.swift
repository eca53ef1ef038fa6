import Bridge

/// Result of a direct tool call, stored as the question `id`.
struct DirectCallResult: Sendable {
    let id: ULID
    let tool: ToolName
    let outcome: QuestionOutcome
    /// The tool's whole result; nil when the call returned none.
    let result: ToolResult?
}
