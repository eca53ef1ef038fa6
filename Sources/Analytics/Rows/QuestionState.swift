/// The state of a question.
package enum QuestionState: String, Sendable, Hashable, CaseIterable {
    case received, working, waiting
    case answered, refused, failed, cancelled, interrupted

    /// True for the states that do not change any more.
    package var isTerminal: Bool {
        switch self {
        case .received, .working, .waiting: false
        case .answered, .refused, .failed, .cancelled, .interrupted: true
        }
    }

    /// What a waiting question waits for: the approval of a call, an answer of its asker, or its turn.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case approval, elicitation, turn
    }
}
