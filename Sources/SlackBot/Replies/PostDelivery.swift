import Analytics
import Bridge

/// How one planned message gets into Slack, at most once, whatever is lost on the way: a pure machine. It names the next
/// act; the shell performs it and says what came of it.
///
/// A call whose answer was lost happened or did not. An edit is repeated, since twice is as good as once. A post is
/// looked for in the thread by its key before it is sent again, and so is one that an earlier owner of the question
/// planned. An ephemeral message cannot be looked for: the asker is told that it may be lost.
struct PostDelivery: Sendable, Hashable {
    enum Action: Sendable, Hashable {
        case look
        case post
        case edit(ts: String)
        case ephemeral
        /// Tell the asker that something may not have arrived.
        case admit
        case done(Result)
    }

    /// How it ended.
    enum Result: Sendable, Hashable {
        /// Posted; an ephemeral message has no ts.
        case sent(ts: String?)
        /// Slack does not take these blocks; plain text may pass.
        case refusedBlocks
        /// The edit would have to wait, and posts need not: it is to be posted, and the message `ts` to go.
        case replace(ts: String)
        /// It can never be said there: Slack's code.
        case failed(String)
    }

    enum Response: Sendable, Hashable, CaseIterable {
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

    private(set) var action: Action
    private let isProgress: Bool
    /// The message that this one stands for instead of an edit, which has the same key.
    let replaces: String?

    /// - Parameter epoch: that of the claim under which it is said now.
    init(_ post: PostRow, epoch: Int64) {
        isProgress = post.kind == .progress || post.kind == .parent
        replaces = post.body?["replaces"]?.string
        switch (post.state, post.kind, post.ts) {
        case (.sent, _, let ts): action = .done(.sent(ts: ts))
        case (.failed, _, _): action = .done(.failed("failed"))
        case (.unknown, .ephemeral, _): action = .admit
        case (.planned, .ephemeral, _): action = post.attempts > 0 ? .admit : .ephemeral
        case (_, .progress, let ts?), (_, .parent, let ts?): action = .done(.sent(ts: ts))
        case (_, .answer, let ts?): action = .edit(ts: ts)
        case (.unknown, _, nil): action = .look
        case (.planned, _, nil): action = post.epoch < epoch ? .look : .post
        }
    }

    /// - Parameters:
    ///   - ts: of the message that was sent or found.
    ///   - code: Slack's, when it is `never`.
    mutating func handle(_ response: Response, ts: String? = nil, code: String = "") {
        switch (action, response) {
        case (.done, _): return
        case (_, .busy) where !isEdit: return
        case (_, .never): action = .done(.failed(code))
        case (_, .refusedBlocks): action = .done(.refusedBlocks)
        case (.look, .found):
            action = isProgress || isWhole(ts) ? .done(.sent(ts: ts)) : ts.map { .edit(ts: $0) } ?? .look
        case (.look, .absent): action = .post
        case (.edit, .gone): action = .post
        case (_, .gone): action = .done(.failed(code))
        case (.look, _): return
        case (.post, .sent): action = .done(.sent(ts: ts))
        case (.post, _): action = .look
        case (.edit(let ts), .sent): action = .done(.sent(ts: ts))
        case (.edit(let ts), .busy): action = .done(.replace(ts: ts))
        case (.edit, _): return
        case (.ephemeral, .sent), (.admit, .sent), (.admit, .unsure): action = .done(.sent(ts: nil))
        case (.ephemeral, _): action = .admit
        case (.admit, _): return
        }
    }

    private var isEdit: Bool { if case .edit = action { true } else { false } }

    /// What stands for an edit was posted whole; another find may be the progress message of the same key.
    private func isWhole(_ ts: String?) -> Bool { replaces != nil && ts != nil }
}
