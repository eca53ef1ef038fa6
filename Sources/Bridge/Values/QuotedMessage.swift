package import Foundation

/// A message of another person that belongs to a question: the asker forwarded it, or it stands in the thread. Its
/// text, and the name that its author chose, are untrusted.
package struct QuotedMessage: Sendable, Hashable {
    /// The author's name.
    package var author: String
    /// The author's e-mail address or id, which tells people of one name apart; nil when it is not known.
    package var account: String?
    /// The channel in which it was written; nil for the question's own thread, and when it is not known.
    package var place: String?
    package var text: String
    /// When it was sent; nil when that is not known.
    package var sentAt: Date?

    package init(
        author: String, account: String? = nil, place: String? = nil, text: String, sentAt: Date? = nil
    ) {
        self.author = author
        self.account = account
        self.place = place
        self.text = text
        self.sentAt = sentAt
    }

    /// Decodes ``json``; nil without a text.
    package init?(_ json: JSONValue) {
        guard let text = json["text"]?.string else { return nil }
        self.init(
            author: json["author"]?.string ?? "", account: json["account"]?.string, place: json["place"]?.string,
            text: text, sentAt: json["sent_at"]?.double.map { Date(timeIntervalSince1970: $0) })
    }

    /// The form in which the store has it.
    package var json: JSONValue {
        var json: JSONObject = ["author": .string(author), "text": .string(text)]
        if let account { json["account"] = .string(account) }
        if let place { json["place"] = .string(place) }
        if let sentAt { json["sent_at"] = .double(sentAt.timeIntervalSince1970) }
        return .object(json)
    }
}

/// What people wrote in a thread before a question was asked in it.
package struct ThreadTranscript: Sendable, Hashable {
    /// Oldest first, beginning with the thread's first message; without the earlier questions and the answers to them.
    package var messages: [QuotedMessage]
    /// Whether the whole thread was read; otherwise the newest messages may be missing.
    package var isComplete: Bool

    package init(messages: [QuotedMessage] = [], isComplete: Bool = true) {
        self.messages = messages
        self.isComplete = isComplete
    }
}
