/// The reloadable settings that a question depends on. A question holds one snapshot from its start to its end, so that
/// a reload does not change its rules. A class, so that passing it on does not copy it.
package final class SettingsSnapshot: Sendable {
    /// The number of this generation of settings: 1 at the start, one more for each reload.
    package let generation: Int
    package let policy: Policy
    package let model: ModelSettings
    package let limits: AnswerLimits
    package let voice: AnswerVoice

    package init(
        generation: Int, policy: Policy, model: ModelSettings, limits: AnswerLimits = AnswerLimits(),
        voice: AnswerVoice = AnswerVoice()
    ) {
        self.generation = generation
        self.policy = policy
        self.model = model
        self.limits = limits
        self.voice = voice
    }
}

/// The bounds of one answer.
package struct AnswerLimits: Sendable, Hashable {
    /// `+question.deadline_seconds`: after it the question fails with the code `deadline`.
    package var deadline: Duration = .seconds(300)
    /// The number of tool calls of one model turn that run concurrently.
    package var parallelTools = 4
    /// The limit in Unicode scalars of the text of one tool result; the rest is cut and the cut is marked.
    package var resultCharacters = 40_000
    /// The limit of a question's text, in characters; a longer question is refused.
    package var questionCharacters = 40_000
    /// How much of the thread's earlier turns the model receives.
    package var history = ThreadHistoryRules()
    /// How long a question waits for servers that are still starting; only those that its asker may use are waited for.
    package var startingServers: Duration = .seconds(2)

    package init() {}

    /// The time that a question has left on which that much was spent; at least a second, in which it ends properly.
    func remaining(after workedMilliseconds: Int) -> Duration {
        max(deadline - .milliseconds(workedMilliseconds), .seconds(1))
    }
}
