package import Bridge

/// One message that answers a question. `key` travels in the message too, so that a message whose sending failed half
/// way is found again.
package struct PostRow: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case planned, sent
        /// It was sent, perhaps: the thread must be read before it is sent again.
        case unknown
        /// It cannot be said there, ever.
        case failed
    }

    package enum Kind: String, Sendable, Hashable {
        /// The parent of a slash command's thread: who asked what.
        case parent
        /// Says that work is under way, until it is edited into the answer.
        case progress
        case answer
        /// Only the asker sees it; it is kept nowhere, so whether it arrived can never be found out.
        case ephemeral = "whisper"
    }

    /// The part of a ``Kind/parent``; the thread's own messages count from 0.
    package static let parentPart = -1

    package let question: ULID
    /// The order in which they are said, from 0; with the question it names the post.
    package let part: Int
    package let key: String
    package var kind: Kind
    package var state: State
    package var channel: String?
    package var threadTS: String?
    /// The message's own id once it is sent.
    package var ts: String?
    /// The message as the door sends it; its shape is the door's own.
    package var body: JSONValue?
    /// The claim under which it was planned.
    package var epoch: Int64
    /// How often it was tried to be said.
    package var attempts: Int

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
        epoch = 0
        attempts = 0
    }

    /// As it is in the outbox once it was written there.
    func planned(under claim: Claim) -> PostRow {
        var post = self
        post.epoch = claim.epoch
        return post
    }

    /// As it is in the outbox once it has replaced another of its part, see ``Store/put(_:_:on:)``.
    func inPlace(of old: PostRow) -> PostRow {
        var post = self
        post.ts = old.ts
        post.state = old.ts == nil && old.state != .failed ? .unknown : .planned
        post.attempts = 0
        return post
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
        epoch = row.int("epoch") ?? 0
        attempts = Int(row.int("attempts") ?? 0)
    }
}
