package import Bridge

/// One message that answers a question. `key` travels in the message too, so that a message whose sending failed half
/// way is found again.
package struct PostRow: Sendable, Hashable {
    package enum State: String, Sendable, Hashable { case planned, sent, unknown, failed }
    package enum Kind: String, Sendable, Hashable { case progress, answer, notice }

    package let question: ULID
    /// From 0; with the question it names the post.
    package let part: Int
    package let key: String
    package var kind: Kind
    package var state: State
    package var channel: String?
    package var threadTS: String?
    /// The message's own id once it is sent.
    package var ts: String?
    package var body: JSONValue?

    package init(
        question: ULID, part: Int, kind: Kind = .answer, channel: String? = nil, threadTS: String? = nil,
        body: JSONValue? = nil
    ) {
        self.question = question
        self.part = part
        self.key = "\(question)-\(part)"
        self.kind = kind
        self.channel = channel
        self.threadTS = threadTS
        self.body = body
        state = .planned
        ts = nil
    }

    init?(_ row: SQLRow) {
        guard let question = row.ulid("question_id"), let part = row.int("part"), let key = row.text("key"),
            let kind = row.text("kind").flatMap(Kind.init(rawValue:)),
            let state = row.text("state").flatMap(State.init(rawValue:))
        else { return nil }
        self.question = question
        self.part = Int(part)
        self.key = key
        self.kind = kind
        self.state = state
        channel = row.text("channel")
        threadTS = row.text("thread_ts")
        ts = row.text("ts")
        body = row.json("body")
    }
}
