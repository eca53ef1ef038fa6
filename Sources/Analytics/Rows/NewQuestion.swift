package import Bridge
package import Foundation

/// A question as it came in, on its way into the record.
package struct NewQuestion: Sendable {
    package let question: Question
    /// What names the same request when it is delivered again; nil never repeats (the command line).
    package var originKey: String?
    package var origin: QuestionOrigin
    /// What the door needs to answer after a restart; its shape is the door's own.
    package var context: JSONValue
    package var retryOf: ULID?
    package var deadline: Date?
    /// The id of the process in which its asker waits for the answer; nil when any process may answer.
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

/// Whether a question was taken in; either way the id under which it is known.
package enum AcceptResult: Sendable, Hashable {
    case accepted(ULID)
    case duplicate(ULID)
}

/// The ids that the audit row carries of the place a question came from; nil where the door has none.
package struct QuestionOrigin: Sendable, Hashable {
    package var team: String?
    package var channel: String?
    package var userID: String?
    package var messageTS: String?
    package var threadTS: String?
    /// Of an HTTP client.
    package var address: String?
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
