import Bridge

/// That a question is to end before it is answered, wherever it is worked on.
package struct StopRequest: Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable {
        /// A user stopped it.
        case requested
        /// The asker deleted the message that asks it.
        case deleted
        /// The asker edited the message that asks it; its new text is another question.
        case edited
        /// The same message was accepted twice during an outage of the store, and the other question is answered.
        case doubled
    }

    package let reason: Reason
    /// The id of the user who stops it, as in ``QuestionRow/origin``.
    package let user: String
    /// The user's e-mail.
    package let email: String

    package init(_ reason: Reason, by user: String, email: String) {
        self.reason = reason
        self.user = user
        self.email = email
    }
}

extension StopRequest {
    var json: JSONValue { ["reason": .string(reason.rawValue), "user": .string(user), "email": .string(email)] }

    /// nil if the value holds none. A reason of another version counts as ``Reason/requested``.
    init?(_ json: JSONValue?) {
        guard let json, let user = json["user"]?.string else { return nil }
        self.init(
            json["reason"]?.string.flatMap(Reason.init(rawValue:)) ?? .requested, by: user,
            email: json["email"]?.string ?? "")
    }
}
