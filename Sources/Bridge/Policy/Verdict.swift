/// The decision of the policy on one tool for one principal in one place, and the rule that decided.
package struct Verdict: Sendable, Hashable {
    /// The raw value is stored.
    package enum Decision: String, Sendable, Hashable {
        case allow
        /// A user must approve the call first (step 9). Callers treat it as a denial, because nothing can grant an
        /// approval.
        case ask
        case deny
    }

    /// The nine steps of a verdict in their order.
    package enum Step: Int, Sendable, Hashable, CaseIterable {
        /// `blocked_tools`.
        case blockedTools = 1
        /// `admin_only_tools`.
        case adminOnlyTools
        /// The server's `tool_policy`.
        case toolPolicy
        /// The server's `role_restrictions`.
        case roleRestrictions
        /// The role's own rules; also an undeclared role and the analytics tools.
        case role
        /// The user's list of servers.
        case user
        /// The user's list of databases.
        case databases
        /// The rules of the channel.
        case channel
        /// Whether a user must approve the call.
        case approval
    }

    /// Whether the call may be made.
    package let decision: Decision
    /// The step that decided; nil when every step let the call pass.
    package let step: Step?
    /// The rule that decided; of an allowed call the rule that gives access to the server.
    package let rule: RuleSource
    /// Why, as the end of a sentence for the asker: "the role read_only may not use it". Empty for an allowed call.
    package let reason: String
    /// Remarks for the audit log: `database=unspecified`, `super_admin`.
    package let notes: [String]

    package init(
        _ decision: Decision, step: Step?, rule: RuleSource, reason: String, notes: [String] = []
    ) {
        self.decision = decision
        self.step = step
        self.rule = rule
        self.reason = reason
        self.notes = notes
    }

    /// False for `ask` too.
    package var isAllowed: Bool { decision == .allow }
}
