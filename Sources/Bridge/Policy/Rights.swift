/// A person's rights at one moment: the rules, and the person as they are judged by them.
package struct Rights: Sendable {
    package let policy: Policy
    package let principal: Principal

    package init(policy: Policy, principal: Principal) {
        self.policy = policy
        self.principal = principal
    }
}

/// The rights in force now of somebody who asked earlier; nil: this person may nothing any more.
package typealias CurrentRights = @Sendable (Principal) async -> Rights?

/// What an asker may do in the middle of a question: what the rights at its start and those in force now both allow.
/// The two are joined here only, for calls of a model, direct calls and recall.
struct JointRights: Sendable {
    private let start: Rights
    private let now: Rights?
    private let place: Place

    init(of question: Question, under policy: Policy, current: CurrentRights) async {
        start = Rights(policy: policy, principal: question.asker)
        place = question.place
        now = await current(question.asker)
    }

    /// Deny of either wins over ask, and ask over allow. Of two equally strict verdicts it is that of the start, whose
    /// notes belong to the question's rules.
    func verdict(on tool: ToolDefinition, arguments: JSONValue) -> Verdict {
        func judged(by rights: Rights) -> Verdict {
            rights.policy.verdict(for: rights.principal, in: place, on: tool, arguments: arguments)
        }
        let then = judged(by: start)
        let now = self.now.map { judged(by: $0) } ?? gone
        if then.decision == .deny || now.isAllowed { return then }
        return now.decision == .deny || then.isAllowed ? now : then
    }

    private var gone: Verdict {
        Verdict(
            .deny, step: .user, rule: RuleSource(file: "store", line: 0, key: "users.is_active"),
            reason: "the access of \(start.principal.name) was switched off")
    }
}
