import Analytics
import Bridge

/// How one planned message gets into Slack, at most once, whatever is lost on the way: a pure machine. It names the next
/// act; the shell performs it and says what came of it.
///
/// A call whose answer was lost happened or did not. An edit is repeated, since twice is as good as once. A post is
/// looked for in the thread by its key before it is sent again, and so is one that an earlier owner of the question
/// planned. A whisper cannot be looked for: its loss is admitted instead.
struct Delivery: Sendable, Hashable {
    enum Act: Sendable, Hashable {
        case look
        case post
        case edit(ts: String)
        case whisper
        /// Tell the asker that something may not have arrived.
        case admit
        case rest(Rest)
    }

    /// How it ended.
    enum Rest: Sendable, Hashable {
        /// Said; a whisper has no ts.
        case sent(ts: String?)
        /// Slack does not take these blocks; plain text may pass.
        case refusedBlocks
        /// The edit would have to wait, and posts need not: it is to be posted, and the message `ts` to go.
        case replace(ts: String)
        /// It can never be said there: Slack's code.
        case failed(String)
    }

    enum Answer: Sendable, Hashable, CaseIterable {
        case sent
        case found
        case absent
        /// No answer came, or one from which nothing follows.
        case unsure
        /// Slack is away or asks to wait; nothing happened.
        case busy
        case refusedBlocks
        /// The message to be edited is not there any more, or may not be edited.
        case gone
        case never
    }

    private(set) var act: Act
    private let isProgress: Bool
    /// The message that this one stands for instead of an edit, which has the same key.
    let replaces: String?

    /// - Parameter epoch: that of the claim under which it is said now.
    init(_ post: PostRow, epoch: Int64) {
        isProgress = post.kind == .progress || post.kind == .parent
        replaces = post.body?["replaces"]?.string
        switch (post.state, post.kind, post.ts) {
        case (.sent, _, let ts): act = .rest(.sent(ts: ts))
        case (.failed, _, _): act = .rest(.failed("failed"))
        case (.unknown, .whisper, _): act = .admit
        case (.planned, .whisper, _): act = post.attempts > 0 ? .admit : .whisper
        case (_, .progress, let ts?), (_, .parent, let ts?): act = .rest(.sent(ts: ts))
        case (_, .answer, let ts?): act = .edit(ts: ts)
        case (.unknown, _, nil): act = .look
        case (.planned, _, nil): act = post.epoch < epoch ? .look : .post
        }
    }

    /// - Parameters:
    ///   - ts: of the message that was sent or found.
    ///   - code: Slack's, when it is `never`.
    mutating func handle(_ answer: Answer, ts: String? = nil, code: String = "") {
        switch (act, answer) {
        case (.rest, _): return
        case (_, .busy) where !isEdit: return
        case (_, .never): act = .rest(.failed(code))
        case (_, .refusedBlocks): act = .rest(.refusedBlocks)
        case (.look, .found): act = isProgress || isWhole(ts) ? .rest(.sent(ts: ts)) : ts.map { .edit(ts: $0) } ?? .look
        case (.look, .absent): act = .post
        case (.edit, .gone): act = .post
        case (_, .gone): act = .rest(.failed(code))
        case (.look, _): return
        case (.post, .sent): act = .rest(.sent(ts: ts))
        case (.post, _): act = .look
        case (.edit(let ts), .sent): act = .rest(.sent(ts: ts))
        case (.edit(let ts), .busy): act = .rest(.replace(ts: ts))
        case (.edit, _): return
        case (.whisper, .sent), (.admit, .sent), (.admit, .unsure): act = .rest(.sent(ts: nil))
        case (.whisper, _): act = .admit
        case (.admit, _): return
        }
    }

    private var isEdit: Bool { if case .edit = act { true } else { false } }

    /// What stands for an edit was posted whole; another find may be the progress message of the same key.
    private func isWhole(_ ts: String?) -> Bool { replaces != nil && ts != nil }
}
