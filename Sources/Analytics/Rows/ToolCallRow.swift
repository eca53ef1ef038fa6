package import Bridge
package import Foundation

/// One tool call, sent or denied: one row of `tool_calls`.
package struct ToolCallRow: Sendable, Hashable {
    package private(set) var questionID: String
    /// Unique in the question.
    package let callID: String
    package let userEmail: String?
    package let name: ToolName
    package let arguments: JSONValue
    /// The column `status`.
    package let outcome: ToolActivity.Outcome
    /// Duration of the call.
    package let milliseconds: Int
    /// Size of the result in bytes, before it was truncated.
    package let bytes: Int
    /// The verdict's decision.
    package let decision: Verdict.Decision
    /// The policy step that decided; nil if every step let the call pass.
    package let step: Verdict.Step?
    /// File, line and key of the rule that decided.
    package let rule: String?
    package let notes: [String]
    /// The user who approved the call; nil if not recorded.
    package let approver: String?
    package let error: String?
    /// Hash of the tool's definition; nil if not recorded.
    package let definitionHash: String?
    /// When the call was sent; nil: taken from its step when the row is written.
    package let startedAt: Date?

    package init(
        question: ULID, userEmail: String?, activity: ToolActivity, approver: String? = nil,
        definitionHash: String? = nil, startedAt: Date? = nil
    ) {
        questionID = question.text
        callID = activity.id
        self.userEmail = userEmail
        name = activity.name
        arguments = activity.arguments
        outcome = activity.outcome
        milliseconds = activity.milliseconds
        bytes = activity.resultBytes
        decision = activity.verdict.decision
        step = activity.verdict.step
        rule = activity.verdict.rule.description
        notes = activity.verdict.notes
        self.approver = approver
        error = activity.error
        self.definitionHash = definitionHash
        self.startedAt = startedAt
    }

    /// The same call as a row of another question.
    func moved(to question: ULID) -> ToolCallRow {
        var row = self
        row.questionID = question.text
        return row
    }

    init?(_ row: SQLRow) {
        guard let questionID = row.text("question_id"), let callID = row.text("call_id"),
            let server = row.text("server"), let tool = row.text("tool"),
            let outcome = row.text("status").flatMap(ToolActivity.Outcome.init(rawValue:)),
            let decision = row.text("verdict").flatMap(Verdict.Decision.init(rawValue:))
        else { return nil }
        self.questionID = questionID
        self.callID = callID
        userEmail = row.text("user_email")
        name = ToolName(server: server, tool: tool)
        arguments = row.json("arguments") ?? .null
        self.outcome = outcome
        milliseconds = Int(row.int("ms") ?? 0)
        bytes = Int(row.int("bytes") ?? 0)
        self.decision = decision
        step = row.int("verdict_step").flatMap { Verdict.Step(rawValue: Int($0)) }
        rule = row.text("verdict_rule")
        notes = row.strings("verdict_notes")
        approver = row.text("approver")
        error = row.text("error")
        definitionHash = row.text("definition_hash")
        startedAt = row.time("started_at")
    }
}
