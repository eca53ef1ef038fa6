import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers

/// One answer in its thread while it is made: a message that says what is being done, edited at a humane pace. What is
/// said at the end is the ``Outbox``'s.
struct ThreadReply: Sendable {
    /// Where the answer goes, as far as it could be made ready.
    struct Target: Sendable {
        /// The question, with its thread.
        var claimed: ClaimedQuestion
        /// The message to be edited into the answer; nil when there is none (yet).
        var progressTS: String?
        /// The bot cannot post there: only the asker sees the answer.
        var isPrivate = false
        /// A parent that is not said yet: the outbox says it before the answer.
        var parent: PostRow?
        /// Whether the progress message was posted is not known.
        var isUnsure = false

        /// Whether there is a thread to post into.
        fileprivate var isOpen: Bool { !isPrivate && parent == nil }
    }

    /// An answer that is there sooner needs no message that says that it is being made.
    static let progressDelay = Duration.milliseconds(400)
    /// Slack advises at most one edit in three seconds.
    private static let pace = Duration.seconds(3)
    /// So long it is tried to open a thread; if Slack is away for longer, the outbox opens it with the answer.
    private static let timeout = Duration.seconds(10)
    /// So long each of the two messages that open a thread is still waited for when the answer is there or the process
    /// stops: a process that was cancelled has ten seconds for all of its ending.
    private static let grace = Duration.milliseconds(2_500)
    /// So long an edit under way is still waited for when the answer is there. One that is broken off may be carried out
    /// all the same, after the answer's.
    private static let editGrace = Duration.seconds(3)
    /// Errors by which Slack says that the bot is not in the conversation.
    private static let shutOut: Set<String> = [
        "not_in_channel", "channel_not_found", "is_archived", "restricted_action",
    ]

    private let outbox: Outbox
    private let store: Store
    private let progressDelay: Duration
    private let logger: Logger
    private let text = NIOLockedValueBox(ProgressText())
    private let changes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    /// - Parameter progressDelay: how long the answer may take before its thread says that it is being made; zero: said in
    ///   any case.
    init(outbox: Outbox, store: Store, progressDelay: Duration = Self.progressDelay, logger: Logger) {
        self.outbox = outbox
        self.store = store
        self.progressDelay = progressDelay
        self.logger = logger
        (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes note; the next edit shows it.
    func handle(_ event: AnswerEvent) {
        text.withLockedValue { $0.handle(event) }
        continuation.yield()
    }

    /// Opens the answer's place and shows progress there until it is cancelled, which means that the answer is there. What
    /// is being sent then is waited for, within limits: a message that was sent must be known, and an edit that Slack works
    /// on after the answer's would take the answer's place.
    func run(_ claimed: ClaimedQuestion, planned: [PostRow]) async -> Target {
        let due = ContinuousClock.now + progressDelay
        let target = await withCancellationShield(lasting: Self.grace) { await open(claimed, planned) }
        guard let progress = planned.first(where: { $0.kind == .progress }), target.isOpen else { return target }
        // What an earlier attempt may have sent has to be found in any case.
        if progressDelay > .zero, PostDelivery(progress, epoch: claimed.claim.epoch).action == .post {
            try? await Task.sleep(until: due, clock: .continuous)
            if Task.isCancelled { return target }
        }
        let first = text.withLockedValue { $0.message }
        let begun = await withCancellationShield(lasting: Self.grace) { await begin(progress, first, target) }
        if let ts = begun.progressTS {
            await show(MessageAddress(channel: claimed.incoming.channel, ts: ts), of: claimed.claim, after: first)
        }
        return begun
    }

    /// The messages that say that the question was heard: a slash command gets a parent first, at once, which says who
    /// asked what.
    static func posts(for claimed: ClaimedQuestion) -> [PostRow] {
        let progress = claimed.post(.progress, part: 0, ProgressText().message)
        guard claimed.root == nil else { return [progress] }
        let text = UserMessages.asked(user: claimed.incoming.user, text: claimed.incoming.text)
        return [claimed.post(.parent, part: PostRow.parentPart, AnswerMessages.section(text)), progress]
    }

    /// Says the parent, if there is to be one.
    private func open(_ claimed: ClaimedQuestion, _ planned: [PostRow]) async -> Target {
        var target = Target(claimed: claimed)
        guard let parent = planned.first(where: { $0.kind == .parent }) else { return target }
        switch await outbox.say(parent, of: claimed, within: Self.timeout) {
        case .sent(let ts):
            target.claimed = claimed.rooted(ts)
            if parent.ts == nil, let ts { await note(target.claimed, parent: ts) }
        case .failed(let code) where Self.shutOut.contains(code):
            await turnPrivate(claimed, planned, code)
            target.isPrivate = true
        default:
            target.parent = parent
            target.parent?.state = .unknown
        }
        return target
    }

    private func begin(_ progress: PostRow, _ message: SlackMessage, _ before: Target) async -> Target {
        var target = before
        let claimed = target.claimed
        var post = progress
        post.body = message.json
        switch await outbox.say(post, of: claimed, within: Self.timeout) {
        case .sent(let ts):
            target.progressTS = ts
            if progress.ts == nil, let ts { await note(claimed, progress: ts) }
        case .failed(let code):
            await give(up: progress, code, claimed)
            target.isPrivate = Self.shutOut.contains(code)
        default: target.isUnsure = true
        }
        return target
    }

    /// Edits the progress message while things change. An edit that fails or is left out costs nothing: the next one or
    /// the answer says more.
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

    private func edit(_ progress: MessageAddress, of claim: Claim, to message: SlackMessage) async -> Bool {
        await withCancellationShield(lasting: Self.editGrace) { () async -> Bool in
            do {
                // Who has the question now may have made the message the answer.
                return try await outbox.api.updateIfAffordable(progress, to: message) { store.holds(claim) }
            } catch {
                logger.debug("A progress message was not edited.", metadata: ["error": "\(error)"])
                return false
            }
        }
    }

    private func turnPrivate(_ claimed: ClaimedQuestion, _ planned: [PostRow], _ code: String) async {
        for post in planned { await give(up: post, code, claimed) }
        do {
            try await outbox.postEphemeral(AnswerMessages.section(UserMessages.cannotPost), to: claimed)
        } catch {
            logger.warning(
                "Nobody could be told how to invite the bot.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }

    // An unavailable store must not cost the answer: the next claim finds the message in its thread.

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
            // Another process has the question, and says it itself.
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
                "What was said was not recorded.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
        }
    }
}
