/// Where a question's progress is kept, so that another process can go on from the last complete step.
package protocol StepJournal: Sendable {
    /// Appends one step; returns when it is stored. Throws when it cannot be, also because another process has taken
    /// the question over. A model turn alone may be stored a moment later, with what follows it at once; a call that
    /// was started and a result never are.
    func append(_ step: QuestionStep, to question: ULID) async throws

    /// What an earlier attempt got done, oldest first. Throws when it cannot be read.
    func journal(of question: ULID) async throws -> [QuestionStep]
}

/// One thing that happened while a question was answered.
package enum QuestionStep: Sendable {
    /// A whole model turn: the provider's blocks byte for byte, what stopped it, what it used.
    case modelTurn(ModelTurn)
    /// A call is about to be sent. Without a `toolResult` after it, its outcome is unknown.
    case toolStarted(ToolActivity)
    case toolResult(ToolActivity, ToolResult)
}
