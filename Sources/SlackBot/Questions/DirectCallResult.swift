import Bridge

/// A direct call that ended.
struct DirectCallResult: Sendable {
    let id: ULID
    let tool: ToolName
    let outcome: QuestionOutcome
    /// What the tool gave back, whole.
    let result: ToolResult?
}
