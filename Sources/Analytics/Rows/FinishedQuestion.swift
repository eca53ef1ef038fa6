package import Bridge
package import Foundation

extension QuestionOutcome {
    /// The question's last state.
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

/// Everything that is written when a question ends.
package struct FinishedQuestion: Sendable {
    package let question: Question
    package var origin: QuestionOrigin
    package let outcome: QuestionOutcome
    /// Shown to the asker only, and never recalled.
    package var isPrivate: Bool
    package var retryOf: ULID?
    package var finishedAt: Date
    /// What is to be said, in the order of its parts; written with the ending or not at all.
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
