package import Foundation

/// What a tool needs to know from the asker before its call can go on: one of several choices.
///
/// The question stops until the person answers and is then answered again from its journal, so that nothing is held
/// meanwhile. MCP calls this elicitation.
package struct InputRequest: Sendable, Hashable {
    /// Plain text for the asker.
    package let message: String
    /// The possible answers, at least one; an answer is one of these texts.
    package let choices: [String]
    /// How long the question waits; afterwards the answer is ``InputAnswer/expired``.
    package let timeout: Duration

    package init(message: String, choices: [String], timeout: Duration) {
        self.message = message
        self.choices = choices
        self.timeout = timeout
    }
}

/// The end of a wait.
package enum InputAnswer: Sendable, Hashable {
    /// The chosen text, and the e-mail address of the person who chose.
    case chosen(String, by: String)
    /// No answer came in time.
    case expired
    /// The question is to end as cancelled; by whom (an e-mail address).
    case cancelled(by: String)
}

/// A wait of a question for a person, as the journal stores it.
package struct Wait: Sendable, Hashable {
    /// Unique among all waits.
    package let id: ULID
    /// The call that waits, as ``ToolActivity/id``.
    package let callID: String
    package let request: InputRequest
    /// When the wait ends without an answer.
    package let expiresAt: Date
    /// The time that was spent on the question before the wait, earlier waits excluded.
    package let workedMilliseconds: Int

    package init(
        id: ULID = ULID(), callID: String, request: InputRequest, expiresAt: Date, workedMilliseconds: Int
    ) {
        self.id = id
        self.callID = callID
        self.request = request
        self.expiresAt = expiresAt
        self.workedMilliseconds = workedMilliseconds
    }
}

/// Thrown by a ``ToolSource`` whose call needs an answer of the asker; the same call is made again with it
/// (``ToolCall/inputs``). The call must not have had an effect before.
package struct InputRequired: Error, Sendable {
    package let request: InputRequest

    package init(_ request: InputRequest) { self.request = request }
}
