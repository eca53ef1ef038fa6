import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers

/// The thread of one answer while it is made: the parent message of a slash command, and the progress message with its
/// edits. The ``Outbox`` delivers the answer itself.
struct ThreadReply: Sendable {
    /// The question, and where its answer goes.
    struct Target: QuestionContext {
        /// The question, with the thread's root when it is known.
        var claimed: ClaimedQuestion
        /// ts of the progress message, which is edited into the answer; nil when there is none.
        var progressTS: String?
        /// Whether only the asker sees the answer: the bot cannot post in the channel, or a rule says so.
        var isPrivate = false
        /// A parent message that is not known to be posted; the outbox posts it before the answer.
        var parent: PostRow?
        /// Whether the progress message may have been posted without its ts being known.
        var isUnsure = false
        /// The rules under which the work began; nil before.
        var privacy: AnswerPrivacy?
        /// Posted in place of the outcome's rendering.
        var words: String?
        /// Whether nothing is posted: the user did not address Omni.
        var isSilent = false

        var claim: Claim { claimed.claim }
        var question: Question { claimed.question }
        var origin: QuestionOrigin { claimed.origin }

        /// Whether there is a thread to post into.
        fileprivate var isOpen: Bool { !isPrivate && parent == nil }
    }

    /// Delay of the progress message; an answer within this time needs none.
    static let progressDelay = Duration.milliseconds(400)
    /// Minimum time between two edits: Slack advises at most one in three seconds.
    private static let pace = Duration.seconds(3)
    /// How long opening the thread is retried. Afterwards the outbox opens it with the answer.
    private static let timeout = Duration.seconds(10)
    /// How long the posting of the parent and of the progress message may each go on after cancellation (the answer is
    /// ready, or the process stops): a cancelled process has 10 s to end.
    private static let grace = Duration.milliseconds(2_500)
    /// How long an edit may go on after cancellation. Slack may still carry out an edit whose request was cancelled,
    /// and do so after the answer's.
    private static let editGrace = Duration.seconds(3)
    private let outbox: Outbox
    private let store: Store
    private let progressDelay: Duration
    private let logger: Logger
    private let queryTimeout: Duration
    private let text: NIOLockedValueBox<ProgressText>
    private let changes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - progressDelay: delay of the progress message; zero: it is posted in any case.
    ///   - text: the progress message before the first event.
    ///   - queryTimeout: after this time the progress message says that the answer takes longer.
    init(
        outbox: Outbox, store: Store, progressDelay: Duration = Self.progressDelay, text: ProgressText = ProgressText(),
        queryTimeout: Duration = .seconds(30), logger: Logger
    ) {
        self.text = NIOLockedValueBox(text)
        self.queryTimeout = queryTimeout
        self.outbox = outbox
        self.store = store
        self.progressDelay = progressDelay
        self.logger = logger
        (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Opens the thread and shows progress in it until `events` ends, which means that the answer is ready. A request
    /// in flight then is awaited, within limits: the ts of a posted message must be known, and an edit that Slack
    /// carries out after the answer's would replace the answer.
    func run(_ claimed: ClaimedQuestion, planned: [PostRow], showing events: AsyncStream<AnswerEvent>) async -> Target {
        await withTaskGroup(of: Target.self) { group in
            group.addTask { await show(claimed, planned) }
            for await event in events {
                text.withLockedValue { $0.handle(event) }
                continuation.yield()
            }
            group.cancelAll()
            return await group.next() ?? Target(claimed: claimed)
        }
    }

    /// Returns when the task is cancelled, which means that the answer is ready.
    private func show(_ claimed: ClaimedQuestion, _ planned: [PostRow]) async -> Target {
        let due = ContinuousClock.now + progressDelay
        let late = ContinuousClock.now + queryTimeout
        let target = await withCancellationShield(lasting: Self.grace) { await open(claimed, planned) }
        guard let progress = planned.first(where: { $0.kind == .progress }), target.isOpen else { return target }
        // A message that an earlier attempt may have posted must be found in any case.
        if progressDelay > .zero, PostDelivery(progress, epoch: claimed.claim.epoch).action == .post {
            try? await Task.sleep(until: due, clock: .continuous)
            if Task.isCancelled { return target }
        }
        let first = text.withLockedValue { $0.message }
        let begun = await withCancellationShield(lasting: Self.grace) { await begin(progress, first, target) }
        if let ts = begun.progressTS {
            let address = MessageAddress(channel: claimed.incoming.channel, ts: ts)
            await withDiscardingTaskGroup { group in
                group.addTask { await becomeLate(at: late) }
                await show(address, of: claimed.claim, after: first)
                group.cancelAll()
            }
        }
        return begun
    }

    private func becomeLate(at time: ContinuousClock.Instant) async {
        try? await Task.sleep(until: time, clock: .continuous)
        guard !Task.isCancelled else { return }
        text.withLockedValue { $0.becomeLate() }
        continuation.yield()
    }

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

    /// Posts the parent message, if one is planned.
    private func open(_ claimed: ClaimedQuestion, _ planned: [PostRow]) async -> Target {
        var target = Target(claimed: claimed)
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

    /// Posts the progress message, or finds the one of an earlier attempt.
    private func begin(_ progress: PostRow, _ message: SlackMessage, _ before: Target) async -> Target {
        var target = before
        let claimed = target.claimed
        var post = progress
        post.body = message.json
        switch await outbox.deliver(post, of: claimed, within: Self.timeout) {
        case .sent(let ts):
            target.progressTS = ts
            if progress.ts == nil, let ts { await note(claimed, progress: ts) }
        case .failed(let code) where SlackError.mayNotPost(code):
            await turnPrivate(claimed, [progress], code)
            target.isPrivate = true
        case .failed(let code): await give(up: progress, code, claimed)
        default: target.isUnsure = true
        }
        return target
    }

    /// Edits the progress message at each change, at most once per `pace`. A failed or skipped edit is made up for by
    /// the next one or the answer.
    private func show(_ progress: MessageAddress, of claim: Claim, after first: SlackMessage) async {
        var shown = first
        var due = ContinuousClock.now + Self.pace
        for await _ in changes {
            try? await Task.sleep(until: due, clock: .continuous)
            let message = text.withLockedValue { $0.message }
            guard !Task.isCancelled else { return }
            guard message != shown else { continue }
            if await edit(progress, of: claim, to: message) { shown = message }
            due = ContinuousClock.now + Self.pace
        }
    }

    /// False when the edit was skipped or failed.
    private func edit(_ progress: MessageAddress, of claim: Claim, to message: SlackMessage) async -> Bool {
        await withCancellationShield(lasting: Self.editGrace) { () async -> Bool in
            do {
                // The process that holds the question now may have edited this message into the answer.
                return try await outbox.api.updateIfAffordable(progress, to: message) { store.holds(claim) }
            } catch {
                logger.debug("A progress message was not edited.", metadata: ["error": "\(error)"])
                return false
            }
        }
    }

    /// Gives up the planned posts and tells the asker why only they see the answer.
    private func turnPrivate(_ claimed: ClaimedQuestion, _ planned: [PostRow], _ code: String) async {
        for post in planned { await give(up: post, code, claimed) }
        do {
            try await outbox.postEphemeral(SectionView.message(UserMessages.cannotPost(code)), to: claimed)
        } catch {
            logger.warning(
                "The asker could not be told why only they see the answer.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }

    // Failures to store are only logged: an unavailable store does not prevent the answer, and the next claim finds the
    // message in its thread.

    private func note(_ claimed: ClaimedQuestion, parent ts: String) async {
        await note(ts, claimed) {
            try await store.rooted(claimed.claim, claimed.question, origin: claimed.origin, ts: ts)
        }
    }

    private func note(_ claimed: ClaimedQuestion, progress ts: String) async {
        await note(ts, claimed) { try await store.sent(claimed.claim, part: 0, ts: ts) }
    }

    private func note(_ ts: String, _ claimed: ClaimedQuestion, _ write: () async throws -> Bool) async {
        await unlessAway(claimed) {
            // Another process has the question and posts its own message.
            if try await !write() { await outbox.takeBack(ts, claimed) }
        }
        Failpoint.postRecorded.reach()
    }

    private func give(up post: PostRow, _ code: String, _ claimed: ClaimedQuestion) async {
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
