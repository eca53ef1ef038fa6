/// Where a question is in its life (decisions, section 1).
package enum QuestionState: String, Sendable, Hashable, CaseIterable {
    case received, working, waiting
    case answered, refused, failed, cancelled, interrupted

    package var isTerminal: Bool {
        switch self {
        case .received, .working, .waiting: false
        case .answered, .refused, .failed, .cancelled, .interrupted: true
        }
    }

    /// What a waiting question waits for. One that waits for approval does not hold up its thread.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case approval, elicitation, turn
    }
}
