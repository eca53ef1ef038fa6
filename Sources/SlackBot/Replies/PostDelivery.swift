import Analytics
import Bridge

/// State machine that delivers one planned post at most once. It names the next action; ``Outbox`` performs it and
/// reports the response.
///
/// When the response of a call is lost its effect is unknown. `chat.update` is idempotent and is sent again. Before
/// `chat.postMessage` is sent again the thread is searched for the metadata key, and so it is before a post that an
/// earlier claim planned is sent. An ephemeral message cannot be searched for: the asker is told that it may be
/// missing. A file is searched for by its name; since Slack shares it a moment after its response, it counts as absent
/// only after two searches.
///
/// A message that is an open stream refuses an edit, also one that an earlier process left open: the stream is ended
/// and the message edited. An answer whose stream this claim has open ends it with its last text instead, once;
/// whenever that may have failed, the edit writes the whole message. A message that is no part of the answer after all
/// is deleted, and its stream ended before; if it is not known to exist, the thread is searched for it first.
struct PostDelivery: Sendable, Hashable {
    /// What to do next.
    enum Action: Sendable, Hashable {
        /// Search for the message by its key.
        case look
        case post
        case edit(ts: String)
        /// End the stream with the text and the blocks that it lacks (the body's `stop`).
        case finish(ts: String)
        /// End the stream as it is, before the edit or the deletion.
        case close(ts: String)
        /// Delete the message.
        case remove(ts: String)
        case ephemeral
        /// Upload the file and share it in the thread.
        case upload
        /// Tell the asker that a message may be missing.
        case warnAsker
        case done(Result)
    }

    /// The final result.
    enum Result: Sendable, Hashable {
        /// Delivered; `ts` is nil for an ephemeral message, for a file that was not searched for, and for a message that
        /// was to be deleted and does not exist.
        case sent(ts: String?)
        /// Slack refused the blocks; plain text may be accepted.
        case refusedBlocks
        /// The edit would have to wait: post the message instead and delete the message `ts`.
        case replace(ts: String)
        /// It cannot be delivered; Slack's error code.
        case failed(String)
    }

    /// What an action led to.
    enum Response: Sendable, Hashable, CaseIterable {
        case sent
        case found
        case absent
        /// The effect is unknown: no response, or one that does not tell.
        case unsure
        /// Slack is unavailable or asks to wait; the call had no effect.
        case busy
        /// The call was not sent: the lease did not run at that moment, or the store could not be read.
        case notSent
        case refusedBlocks
        /// The message to edit does not exist, or cannot be edited.
        case gone
        /// The message to edit is an open stream.
        case streaming
        /// The stream has ended; the call had no effect.
        case ended
        /// The same call can never succeed.
        case never
    }

    /// The next action; `done` at the end.
    private(set) var action: Action
    private let isProgress: Bool
    private let isFile: Bool
    private let isSurplus: Bool
    private let isFollowed: Bool
    /// The number of uploads that did not succeed, and the last one's error code.
    private var failures = 0
    private var failureCode = ""
    /// The number of searches since the last upload that found nothing.
    private var absences = 0
    /// ts of the message that this post replaces instead of editing it. Both have the same key.
    let replaces: String?

    /// - Parameter epoch: epoch of the claim under which the post is delivered now.
    init(_ post: PostRow, epoch: Int64) {
        isProgress = post.kind == .progress || post.kind == .parent
        isFile = post.kind == .file
        (isSurplus, isFollowed) = (post.isSurplus, post.isFollowed)
        replaces = post.replaces
        switch (post.state, post.kind, post.ts) {
        case (.sent, _, let ts): action = .done(.sent(ts: ts))
        case (.failed, _, _): action = .done(.failed("failed"))
        case (.unknown, .ephemeral, _): action = .warnAsker
        case (.planned, .ephemeral, _): action = post.attempts > 0 ? .warnAsker : .ephemeral
        case (_, .progress, let ts?), (_, .parent, let ts?), (_, .file, let ts?): action = .done(.sent(ts: ts))
        case (_, .answer, let ts) where isSurplus: action = ts.map { .close(ts: $0) } ?? .look
        case (.planned, .answer, let ts?) where post.streamRest != nil && post.epoch == epoch && post.attempts == 0:
            action = .finish(ts: ts)
        case (_, .answer, let ts?), (_, .choice, let ts?): action = .edit(ts: ts)
        case (.unknown, _, nil): action = .look
        case (.planned, .file, nil): action = post.epoch < epoch ? .look : .upload
        case (.planned, _, nil): action = post.epoch < epoch ? .look : .post
        }
    }

    /// Applies the response to the current action.
    ///
    /// - Parameters:
    ///   - ts: of the message that was posted or found.
    ///   - code: Slack's error code, with `never` and `gone`; of an upload, with every failure.
    mutating func handle(_ response: Response, ts: String? = nil, code: String = "") {
        switch (action, response) {
        case (.done, _), (_, .notSent): return
        case (.upload, .sent): action = .done(.sent(ts: ts))
        case (.upload, .busy), (.upload, .unsure): uploadFailed(response, code)
        case (.upload, _): action = .done(.failed(code))
        case (.look, .absent) where isFile: fileIsAbsent()
        case (.look, _) where isSurplus: searchedSurplus(response, ts)
        case (.finish(let ts), .sent): action = .done(.sent(ts: ts))
        case (.finish(let ts), .ended), (.close(let ts), .sent), (.close(let ts), .ended), (.close(let ts), .gone),
            (.close(let ts), .never), (.close(let ts), .refusedBlocks), (.finish(let ts), .gone):
            action = isSurplus ? .remove(ts: ts) : .edit(ts: ts)
        case (.edit(let ts), .streaming): action = .close(ts: ts)
        case (_, .busy) where !isEdit || isFollowed: return
        case (.remove, .unsure): return
        case (.remove(let ts), _): action = .done(.sent(ts: ts))
        case (.finish(let ts), _): action = .close(ts: ts)
        case (.close, _): return
        case (_, .never): action = .done(.failed(code))
        case (_, .refusedBlocks): action = .done(.refusedBlocks)
        case (.look, .found):
            action = isProgress || isFile || isWhole(ts) ? .done(.sent(ts: ts)) : ts.map { .edit(ts: $0) } ?? .look
        case (.look, .absent): action = .post
        case (.edit, .gone): action = .post
        case (_, .gone): action = .done(.failed(code))
        case (.look, _): return
        case (.post, .sent): action = .done(.sent(ts: ts))
        case (.post, _): action = .look
        case (.edit(let ts), .sent): action = .done(.sent(ts: ts))
        case (.edit(let ts), .busy): action = .done(.replace(ts: ts))
        case (.edit, _): return
        case (.ephemeral, .sent), (.warnAsker, .sent), (.warnAsker, .unsure): action = .done(.sent(ts: nil))
        case (.ephemeral, _): action = .warnAsker
        case (.warnAsker, _): return
        }
    }

    /// The most uploads of a file: the answer stands without it, and later questions of the thread wait.
    private static let mostUploads = 6

    /// An upload that may have succeeded is searched for before the next one.
    private mutating func uploadFailed(_ response: Response, _ code: String) {
        (failures, failureCode) = (failures + 1, code)
        if response == .unsure {
            (action, absences) = (.look, 0)
        } else if failures >= Self.mostUploads {
            action = .done(.failed(code))
        }
    }

    private mutating func fileIsAbsent() {
        absences += 1
        guard absences > 1 else { return }
        action = failures < Self.mostUploads ? .upload : .done(.failed(failureCode))
    }

    /// A message that cannot be searched for counts as absent: the answer stands without its deletion.
    private mutating func searchedSurplus(_ response: Response, _ ts: String?) {
        if let ts {
            action = .close(ts: ts)
        } else if response != .busy, response != .unsure {
            action = .done(.sent(ts: nil))
        }
    }

    private var isEdit: Bool { if case .edit = action { true } else { false } }

    /// Whether the message found has the whole text: one that replaces another was posted whole. Otherwise it may be
    /// the progress message, which has the same key.
    private func isWhole(_ ts: String?) -> Bool { replaces != nil && ts != nil }
}
