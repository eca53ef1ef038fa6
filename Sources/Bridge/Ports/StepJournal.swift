/// Stores the steps of a question, so that a later attempt can resume after the last complete step.
package protocol StepJournal: Sendable {
    /// Appends one step and returns when it is stored. Throws when it cannot be stored, also because another process
    /// has claimed the question since.
    func append(_ step: QuestionStep, to question: ULID) async throws
}

/// One step of the answer to a question.
package enum QuestionStep: Sendable {
    /// A complete model turn: the provider's blocks byte for byte, the stop reason, the usage.
    case modelTurn(ModelTurn)
    /// A call is about to be sent. When no `toolResult` follows, its outcome is unknown.
    case toolStarted(ToolActivity)
    /// A call ended, with its trimmed result.
    case toolResult(ToolActivity, ToolResult)
    /// The call cannot go on before the asker has answered. Stored with the question's state, not by the bridge.
    case waiting(Wait)
    /// The wait of that id has ended.
    case waitEnded(ULID, InputAnswer)
}
