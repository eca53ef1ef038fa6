package import Bridge

/// One outgoing message of a question: one row of `posts`, the outbox. `key` is also in the message's metadata, so that
/// the message can be found in the thread when the response of the call that sent it was lost.
package struct PostRow: Sendable, Hashable {
    /// The column `state`.
    package enum State: String, Sendable, Hashable {
        case planned, sent
        /// The message may have been sent: the thread must be searched for the key before it is sent again.
        case unknown
        /// The message cannot be sent and is not tried again.
        case failed
    }

    /// The column `kind`.
    package enum Kind: String, Sendable, Hashable {
        /// The first message of a slash command's thread, with the asker and the question.
        case parent
        /// Shows that the question is in progress; later edited into the answer.
        case progress
        case answer
        /// Visible to the asker only. Slack's history does not contain it, so whether it arrived cannot be determined.
        case ephemeral = "whisper"
        /// Asks the asker to choose, while the question waits; later edited to say what was chosen.
        case choice
        /// A file that is uploaded into the thread after the answer. Its message has no `ts` here, since the upload's
        /// response names none; it is found by the file's name.
        case file
    }

    /// The part of a ``Kind/parent``; the messages in the thread count from 0.
    package static let parentPart = -1
    /// The parts of ``Kind/choice`` count from here, so that none is a part of the answer.
    package static let firstChoicePart = 1_000

    /// The question's id.
    package let question: ULID
    /// The position among the question's messages, from 0 (or ``parentPart``); unique in the question.
    package let part: Int
    /// `question-part`, unique among all posts.
    package let key: String
    package var kind: Kind
    package var state: State
    /// Slack's ids of the channel and the thread to post in.
    package var channel: String?
    package var threadTS: String?
    /// Slack's `ts` of the message; nil before it is sent.
    package var ts: String?
    /// The message in the entry point's own format; nil after ``Store/applyRetention()`` has deleted it.
    package var body: JSONValue?
    /// The epoch of the claim under which the row was written.
    package var epoch: Int64
    /// Number of times the row was marked: an attempt, its success and its failure count one each.
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

    /// The row as the outbox contains it after it was inserted under that claim.
    func planned(under claim: Claim) -> PostRow {
        var post = self
        post.epoch = claim.epoch
        return post
    }

    /// The row as the outbox contains it after it has replaced the row of the same part, see ``Store/put(_:epoch:on:)``.
    func inPlace(of old: PostRow) -> PostRow {
        var post = self
        post.ts = old.ts
        post.state = old.ts == nil && old.state != .failed && kind != .ephemeral ? .unknown : .planned
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
