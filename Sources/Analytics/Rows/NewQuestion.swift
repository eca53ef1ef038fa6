package import Bridge
package import Foundation

/// A received question, before it is stored.
package struct NewQuestion: Sendable {
    /// The question with the asker as known at receipt.
    package let question: Question
    /// Identifies the request when it is delivered again (`questions.origin_key`, UNIQUE). nil: never a duplicate
    /// (CLI).
    package var originKey: String?
    /// Its place, for the audit log.
    package var origin: QuestionOrigin
    /// What the entry point needs to answer after a restart, in the entry point's own format.
    package var context: JSONValue
    /// The question that this one repeats.
    package var retryOf: ULID?
    /// Stored with the question; the store does not enforce it. nil: none.
    package var deadline: Date?
    /// The id of the process in which the asker waits for the answer; nil if any process may answer.
    package var caller: String?

    package init(
        _ question: Question, originKey: String? = nil, origin: QuestionOrigin = QuestionOrigin(),
        context: JSONValue = [:],
        retryOf: ULID? = nil, deadline: Date? = nil, caller: String? = nil
    ) {
        self.question = question
        self.originKey = originKey
        self.origin = origin
        self.context = context
        self.retryOf = retryOf
        self.deadline = deadline
        self.caller = caller
    }
}

/// The result of ``Store/accept(_:)``, with the id under which the question is stored.
package enum AcceptResult: Sendable, Hashable {
    case accepted(ULID)
    case duplicate(ULID)
}

/// Ids of the place a question came from, for the audit log; nil where the entry point has none.
package struct QuestionOrigin: Sendable, Hashable {
    /// The workspace's id.
    package var team: String?
    package var channel: String?
    /// The asker's id in the workspace.
    package var userID: String?
    /// Slack's `ts` of the message with the question, and of its thread's first message.
    package var messageTS: String?
    package var threadTS: String?
    /// The IP address of an HTTP client.
    package var address: String?
    /// The User-Agent header of an HTTP client.
    package var userAgent: String?

    package init(
        team: String? = nil, channel: String? = nil, userID: String? = nil, messageTS: String? = nil,
        threadTS: String? = nil, address: String? = nil, userAgent: String? = nil
    ) {
        self.team = team
        self.channel = channel
        self.userID = userID
        self.messageTS = messageTS
        self.threadTS = threadTS
        self.address = address
        self.userAgent = userAgent
    }
}
