/// The rules in force now and what the asker is under them now: both may have changed since the question began.
package struct CurrentRights: Sendable {
    package let policy: Policy
    package let principal: Principal

    package init(policy: Policy, principal: Principal) {
        self.policy = policy
        self.principal = principal
    }

    /// Looks a person up as of now, by e-mail. nil: the person's access was switched off.
    package typealias Source = @Sendable (Principal) async -> CurrentRights?
}

/// Judges a call by the question's own snapshot and by the rights of now, so that a right that was taken from a role or
/// from a person counts at once.
struct CallVerdict: Sendable {
    let question: Question
    let snapshot: Snapshot
    /// nil: the asker may nothing any more.
    let now: CurrentRights?

    init(for question: Question, under snapshot: Snapshot, rights: CurrentRights.Source) async {
        self.question = question
        self.snapshot = snapshot
        now = await rights(question.asker)
    }

    /// Deny of either wins over ask, and ask over allow.
    func verdict(on tool: ToolDefinition, arguments: JSONValue) -> Verdict {
        guard let now else {
            return Verdict(
                .deny, step: .user, rule: .builtIn("users.is_active"),
                reason: "the access of \(question.asker.name) was switched off")
        }
        let then = snapshot.policy.verdict(
            for: question.asker, in: question.place, on: tool, arguments: arguments)
        let current = now.policy.verdict(for: now.principal, in: question.place, on: tool, arguments: arguments)
        if then.decision == .deny || current.isAllowed { return then }
        return current.decision == .deny || then.isAllowed ? current : then
    }
}
