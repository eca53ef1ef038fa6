/// Where a question's progress is kept, so that a later attempt can go on from the last complete step.
package protocol StepJournal: Sendable {
    /// Appends one step; returns when it is stored. Throws when it cannot be, also because another process has taken
    /// the question over.
    func append(_ step: QuestionStep, to question: ULID) async throws
}

/// One thing that happened while a question was answered.
package enum QuestionStep: Sendable {
    /// A whole model turn: the provider's blocks byte for byte, what stopped it, what it used.
    case modelTurn(ModelTurn)
    /// A call is about to be sent. Without a `toolResult` after it, its outcome is unknown.
    case toolStarted(ToolActivity)
    case toolResult(ToolActivity, ToolResult)
}
