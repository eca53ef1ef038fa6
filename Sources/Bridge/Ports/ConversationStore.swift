package import Foundation

/// What was said before in a thread, as the record keeps it.
package protocol ConversationStore: Sendable {
    /// The thread's last answered turns before that question, oldest first, at most `limit`. Throws when the record
    /// cannot be read.
    func earlierTurns(thread: String, before question: ULID, limit: Int) async throws -> [ConversationTurn]
}

/// One earlier question with its answer, as text.
package struct ConversationTurn: Sendable, Hashable {
    package let question: ULID
    /// The e-mail of who asked.
    package let asker: String
    package let askerName: String
    package let text: String
    package let answer: String
    package let askedAt: Date

    package init(question: ULID, asker: String, askerName: String, text: String, answer: String, askedAt: Date) {
        self.question = question
        self.asker = asker
        self.askerName = askerName
        self.text = text
        self.answer = answer
        self.askedAt = askedAt
    }
}
