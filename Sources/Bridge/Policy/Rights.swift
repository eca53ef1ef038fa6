/// A user's rights at one moment: the rules, and the principal with the role and lists of that moment.
package struct Rights: Sendable {
    package let policy: Policy
    package let principal: Principal

    package init(policy: Policy, principal: Principal) {
        self.policy = policy
        self.principal = principal
    }
}

/// Returns the rights in force now of the asker of a question; nil when the user has no access any more.
package typealias CurrentRights = @Sendable (Principal) async -> Rights?

/// The asker's rights during a question: what both the rights at its start and those in force now allow. Used for calls
/// of a model, direct calls and the results in a thread's history.
struct JointRights: Sendable {
    private let start: Rights
    private let now: Rights?
    private let place: Place

    init(of question: Question, under policy: Policy, current: CurrentRights) async {
        start = Rights(policy: policy, principal: question.asker)
        place = question.place
        now = await current(question.asker)
    }

    /// The stricter of the two verdicts: deny before ask, ask before allow. Of two with the same decision that of the
    /// rights at the start.
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
