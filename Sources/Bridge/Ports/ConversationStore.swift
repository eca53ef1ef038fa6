package import Foundation

/// Reads the earlier questions of a thread from the store.
package protocol ConversationStore: Sendable {
    /// The newest questions of the thread that have ended and were asked no later than this one, at most `limit`.
    /// Private ones are included for their own asker only, unanswered ones only if their asker had a role. Throws when
    /// the store cannot be read.
    func conversation(before question: Question, limit: Int) async throws -> Conversation
}

/// The earlier questions of a thread.
package struct Conversation: Sendable, Hashable {
    /// Oldest first.
    package var turns: [ConversationTurn]
    /// The number of such questions in the thread, including those that are not in `turns`.
    package var total: Int

    package init(turns: [ConversationTurn] = [], total: Int = 0) {
        self.turns = turns
        self.total = total
    }
}

/// One earlier question, its outcome and its tool calls.
package struct ConversationTurn: Sendable, Hashable {
    /// How the question ended.
    package enum Outcome: Sendable, Hashable {
        /// The answer, in Markdown.
        case answered(String)
        case refused, failed, cancelled, interrupted
    }

    /// A tool call with a stored result.
    package struct Call: Sendable, Hashable {
        package let name: ToolName
        package let arguments: JSONValue
        /// The text of the stored result, which was trimmed for the model of that question.
        package let result: String
        /// Whether the tool failed or the outcome of the call is unknown.
        package let isError: Bool

        package init(name: ToolName, arguments: JSONValue, result: String, isError: Bool = false) {
            self.name = name
            self.arguments = arguments
            self.result = result
            self.isError = isError
        }
    }

    /// The asker's e-mail.
    package let asker: String
    package let askerName: String
    package let text: String
    package let outcome: Outcome
    /// Whether the answer was shown to the asker only.
    package let isPrivate: Bool
    /// In the order in which they ended; the store may leave out the oldest and very large ones.
    package let calls: [Call]
    /// The messages that the asker forwarded with the question.
    package let quotes: [QuotedMessage]
    /// When the asker sent it.
    package var askedAt = Date.distantPast
    /// The files of the question and of the messages forwarded with it, in the form of its entry point.
    package var files: [JSONValue] = []

    package init(
        asker: String, askerName: String, text: String, outcome: Outcome, isPrivate: Bool = false, calls: [Call] = [],
        quotes: [QuotedMessage] = []
    ) {
        self.asker = asker
        self.askerName = askerName
        self.text = text
        self.outcome = outcome
        self.isPrivate = isPrivate
        self.calls = calls
        self.quotes = quotes
    }
}
