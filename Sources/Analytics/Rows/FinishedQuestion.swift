package import Bridge
package import Foundation

extension QuestionOutcome {
    /// The terminal state of a question with this outcome.
    package var state: QuestionState {
        switch self {
        case .answered: .answered
        case .refused: .refused
        case .failed: .failed
        case .cancelled: .cancelled
        case .interrupted: .interrupted
        }
    }
}

/// What the store writes in one transaction when a question ends.
package struct FinishedQuestion: Sendable {
    /// The question with the asker as identified.
    package let question: Question
    package var origin: QuestionOrigin
    /// How it ended, with the usage up to then.
    package let outcome: QuestionOutcome
    /// The answer was shown to the asker only; the thread history of other users does not contain it.
    package var isPrivate: Bool
    /// The question that this one repeats.
    package var retryOf: ULID?
    /// When it ended; selects the month's partitions.
    package var finishedAt: Date
    /// The messages to send, in the order of their parts. They are committed together with the outcome.
    package var posts: [PostRow]

    package init(
        _ question: Question, origin: QuestionOrigin = QuestionOrigin(), outcome: QuestionOutcome,
        isPrivate: Bool = false,
        retryOf: ULID? = nil, finishedAt: Date = Date(), posts: [PostRow] = []
    ) {
        self.question = question
        self.origin = origin
        self.outcome = outcome
        self.isPrivate = isPrivate
        self.retryOf = retryOf
        self.finishedAt = finishedAt
        self.posts = posts
    }
}

extension FinishedQuestion {
    /// The rows of the calls, sent and denied.
    var calls: [ToolCallRow] {
        outcome.usage.calls.map {
            ToolCallRow(question: question.id, userEmail: question.asker.email, activity: $0)
        }
    }
}
