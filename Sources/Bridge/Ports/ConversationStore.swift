/// What was said before in a thread, as the record keeps it.
package protocol ConversationStore: Sendable {
    /// The questions of the thread that ended before this one, at most `limit`, the newest. Private ones are there for
    /// their own asker only, and nothing of people whom Omni does not know. Throws when the record cannot be read.
    func conversation(before question: Question, limit: Int) async throws -> Conversation
}

/// The earlier questions of a thread.
package struct Conversation: Sendable, Hashable {
    /// Oldest first.
    package var turns: [ConversationTurn]
    /// How many there are in all, those that are not in `turns` included.
    package var total: Int

    package init(turns: [ConversationTurn] = [], total: Int = 0) {
        self.turns = turns
        self.total = total
    }
}

/// One earlier question, how it ended and what was called for it.
package struct ConversationTurn: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        /// The answer, in Markdown.
        case answered(String)
        case refused, failed, cancelled, interrupted
    }

    /// A tool call whose result is known.
    package struct Call: Sendable, Hashable {
        package let name: ToolName
        package let arguments: JSONValue
        /// The result's text, as the model of that question saw it.
        package let result: String
        package let isError: Bool

        package init(name: ToolName, arguments: JSONValue, result: String, isError: Bool = false) {
            self.name = name
            self.arguments = arguments
            self.result = result
            self.isError = isError
        }
    }

    /// The e-mail of who asked.
    package let asker: String
    package let askerName: String
    package let text: String
    package let outcome: Outcome
    /// Shown to the asker only.
    package let isPrivate: Bool
    /// In the order in which they ended.
    package let calls: [Call]

    package init(
        asker: String, askerName: String, text: String, outcome: Outcome, isPrivate: Bool = false, calls: [Call] = []
    ) {
        self.asker = asker
        self.askerName = askerName
        self.text = text
        self.outcome = outcome
        self.isPrivate = isPrivate
        self.calls = calls
    }
}
