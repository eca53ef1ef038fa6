import Analytics
import Bridge
import Logging

/// Opens the thread of a reply with its status line, and stores what was sent to it.
///
/// Failures to store are only logged: an unavailable store does not prevent the answer, and the next claim finds the
/// message in its thread.
struct ReplyThread: Sendable {
    /// How long a message is retried. Afterwards the outbox sends it with the answer.
    static let timeout = Duration.seconds(10)
    /// How long the posting of a message may go on after cancellation (the answer is ready, or the process stops): a
    /// cancelled process has 10 s to end.
    static let grace = Duration.milliseconds(2_500)

    let outbox: Outbox
    let store: Store
    /// nil: the thread is silent until its first message.
    let status: ThreadStatus?
    let logger: Logger

    /// The posts to plan: the progress message, and before it, for a slash command and the message shortcut, a message
    /// with the asker and the question, which the thread does not show otherwise. A slash command's begins the thread.
    static func posts(for claimed: ClaimedQuestion) -> [PostRow] {
        let progress = claimed.post(.progress, part: 0, ProgressText().message)
        guard claimed.root == nil || claimed.incoming.kind == .shortcut else { return [progress] }
        let (user, words) = (claimed.incoming.user, claimed.incoming.text)
        let isCall = claimed.incoming.call != nil
        let text = isCall ? UserMessages.called(user: user, text: words) : UserMessages.asked(user: user, text: words)
        return [claimed.post(.parent, part: PostRow.parentPart, SectionView.message(text)), progress]
    }

    /// Posts the parent message, if one is planned, and begins the status line, if there is one.
    func open(_ claimed: ClaimedQuestion, _ planned: [PostRow]) async -> ReplyTarget {
        let target = await opened(claimed, planned)
        if target.isOpen, let status, let root = target.claimed.root {
            status.show(UserMessages.status(UserMessages.reading))
            status.begin(in: MessageAddress(channel: claimed.incoming.channel, ts: root))
        }
        return target
    }

    private func opened(_ claimed: ClaimedQuestion, _ planned: [PostRow]) async -> ReplyTarget {
        var target = ReplyTarget(claimed: claimed, shown: planned.furtherShown)
        guard let parent = planned.first(where: { $0.kind == .parent }) else { return target }
        switch await outbox.deliver(parent, of: claimed, within: Self.timeout) {
        case .sent(let ts):
            target.claimed = claimed.rooted(ts)
            if parent.ts == nil, let ts { await note(target.claimed, parent: ts) }
        case .failed(let code) where SlackError.mayNotPost(code):
            await turnPrivate(claimed, planned, code)
            target.isPrivate = true
        default:
            target.parent = parent
            target.parent?.state = .unknown
        }
        return target
    }

    /// Gives up the planned posts and tells the asker why only they see the answer.
    func turnPrivate(_ claimed: ClaimedQuestion, _ planned: [PostRow], _ code: String) async {
        for post in planned { await give(up: post, code, claimed) }
        do {
            try await outbox.postEphemeral(SectionView.message(UserMessages.cannotPost(code)), to: claimed)
        } catch {
            logger.warning(
                "The asker could not be told why only they see the answer.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }

    private func note(_ claimed: ClaimedQuestion, parent ts: String) async {
        await note(ts, claimed) {
            try await store.rooted(claimed.claim, claimed.question, origin: claimed.origin, ts: ts)
        }
    }

    /// Stores that the message of that part was posted; it stands for the status line.
    func note(_ claimed: ClaimedQuestion, part: Int, ts: String) async {
        status?.messagePosted()
        await note(ts, claimed) { try await store.sent(claimed.claim, part: part, ts: ts) }
    }

    private func note(_ ts: String, _ claimed: ClaimedQuestion, _ write: () async throws -> Bool) async {
        await unlessAway(claimed) {
            // Another process has the question and posts its own message.
            if try await !write() { await outbox.takeBack(ts, claimed) }
        }
        Failpoint.postRecorded.reach()
    }

    /// Stores that the post is not sent.
    func give(up post: PostRow, _ code: String, _ claimed: ClaimedQuestion) async {
        await unlessAway(claimed) { _ = try await store.failed(claimed.claim, part: post.part, error: code) }
    }

    private func unlessAway(_ claimed: ClaimedQuestion, _ write: () async throws -> Void) async {
        do {
            try await write()
        } catch {
            logger.warning(
                "The result of a message could not be stored.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }
}
