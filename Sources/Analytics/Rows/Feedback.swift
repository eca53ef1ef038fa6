package import Bridge
package import Foundation

/// A user's vote on an answer: one row of `feedback`. A user has one vote on an answer, the last.
package struct Feedback: Sendable, Hashable {
    /// The raw value is stored.
    package enum Vote: Int64, Sendable, Hashable {
        case up = 1
        case down = -1
    }

    package let question: ULID
    /// The user's e-mail.
    package let voter: String
    package let vote: Vote
    /// When the user voted, by the clock that orders the user's votes; stored to a millisecond.
    package let at: Date
    /// What the user wrote about the answer; nil: nothing.
    package let comment: String?

    package init(question: ULID, voter: String, vote: Vote, at: Date, comment: String? = nil) {
        self.question = question
        self.voter = voter
        self.vote = vote
        self.at = at
        self.comment = comment
    }
}
