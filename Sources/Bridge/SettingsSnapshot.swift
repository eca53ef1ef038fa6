/// All that a question depends on and an administrator may change: taken once when the question starts, kept until it
/// ends, so that a reload never changes the rules in mid-answer. A reference: it is handed on at every step.
package final class SettingsSnapshot: Sendable {
    /// Counts reloads, from 1.
    package let generation: Int
    package let policy: Policy
    package let model: ModelSettings
    package let limits: AnswerLimits

    package init(generation: Int, policy: Policy, model: ModelSettings, limits: AnswerLimits = AnswerLimits()) {
        self.generation = generation
        self.policy = policy
        self.model = model
        self.limits = limits
    }
}

/// The bounds of one answer.
package struct AnswerLimits: Sendable, Hashable {
    /// `+question.deadline_seconds`: then the question fails with what it used.
    package var deadline: Duration = .seconds(300)
    /// Tool calls of one turn that run at the same time.
    package var parallelTools = 4
    /// Characters of one tool result that the model sees; the rest is cut, and said to be.
    package var resultCharacters = 40_000
    /// Characters of a question.
    package var questionCharacters = 40_000
    /// What is recalled of the thread.
    package var history = ThreadHistoryRules()
    /// How long a question waits for servers that are still starting, of those that its asker may use.
    package var startingServers: Duration = .seconds(2)

    package init() {}
}
