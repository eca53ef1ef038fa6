/// What policy says of one tool for one person in one place, and the rule that decided. A value, not an error.
package struct Verdict: Sendable, Hashable {
    package enum Decision: String, Sendable, Hashable {
        case allow
        /// A human must agree first (step 9).
        case ask
        case deny
    }

    /// The nine steps of the contract (spec, section 4), in their order.
    package enum Step: Int, Sendable, Hashable, CaseIterable {
        case blockedTools = 1
        case adminOnlyTools
        case toolPolicy
        case roleRestrictions
        case role
        case user
        case databases
        case channel
        case approval
    }

    package let decision: Decision
    /// The step that decided; nil when every step let the call pass.
    package let step: Step?
    package let rule: RuleSource
    /// Why, as the end of a sentence for the asker: "role read_only may not use it".
    package let reason: String
    /// What the record must say besides: `database=unspecified`, `super_admin`.
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

    package var isAllowed: Bool { decision == .allow }
}
