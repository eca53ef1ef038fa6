import Analytics
import Bridge

/// How an answer was made, as far as one user may see it.
struct AnswerDetails: Sendable, Hashable {
    /// One tool call.
    struct Call: Sendable, Hashable {
        let name: ToolName
        let outcome: ToolActivity.Outcome
        let milliseconds: Int
        /// The size of the result.
        let bytes: Int
        /// nil when the user may not read them.
        let contents: Contents?
    }

    /// What was sent and returned.
    struct Contents: Sendable, Hashable {
        /// JSON; empty for a call without arguments.
        let arguments: String
        /// The text of the result, or the error; empty when it is not kept.
        let result: String
    }

    /// The question and the figures of its answer.
    let audit: AuditRow
    let calls: [Call]
    /// The votes on the answer that the user may see.
    var votes: [Feedback] = []
    var showsTokens = false
    var showsCost = false

    /// - Parameters:
    ///   - steps: the journal, for the results.
    ///   - mayRead: whether the user may make that call now, and so may read it.
    init(
        _ audit: AuditRow, calls: [ToolCallRow], steps: [QuestionStep], mayRead: (ToolName, JSONValue) -> Bool
    ) {
        self.audit = audit
        var results: [String: String] = [:]
        for case .toolResult(let activity, let result) in steps { results[activity.id] = result.fullText }
        self.calls = calls.map { call in
            let isEmpty = call.arguments.object?.isEmpty ?? true
            let contents = Contents(
                arguments: isEmpty ? "" : call.arguments.text(), result: call.error ?? results[call.callID] ?? "")
            return Call(
                name: call.name, outcome: call.outcome, milliseconds: call.milliseconds, bytes: call.bytes,
                contents: mayRead(call.name, call.arguments) ? contents : nil)
        }
    }
}
