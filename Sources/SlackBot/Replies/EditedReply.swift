import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers

/// A reply as one progress message, which is edited while the answer is made.
struct EditedReply: Reply {
    /// Delay of the progress message; an answer within this time needs none.
    static let progressDelay = Duration.milliseconds(400)
    /// Minimum time between two edits: Slack advises at most one in three seconds.
    private static let pace = Duration.seconds(3)
    /// How long an edit may go on after cancellation. Slack may still carry out an edit whose request was cancelled,
    /// and do so after the answer's.
    private static let editGrace = Duration.seconds(3)
    private let thread: ReplyThread
    private let progressDelay: Duration
    private let logger: Logger
    /// From then on the reply says that the answer takes longer.
    let lateAt: ContinuousClock.Instant
    private let text: NIOLockedValueBox<ProgressText>
    private let changed = ChangeSignal()

    /// - Parameters:
    ///   - progressDelay: delay of the progress message; zero: it is posted in any case.
    ///   - text: the progress message before the first event.
    ///   - queryTimeout: after this time the progress message says that the answer takes longer.
    init(
        thread: ReplyThread, progressDelay: Duration = Self.progressDelay, text: ProgressText = ProgressText(),
        queryTimeout: Duration = .seconds(30), logger: Logger
    ) {
        self.text = NIOLockedValueBox(text)
        self.thread = thread
        self.progressDelay = progressDelay
        self.logger = logger
        lateAt = .now + queryTimeout
    }

    func run(_ claimed: ClaimedQuestion, planned: [PostRow], showing events: AsyncStream<AnswerEvent>) async
        -> ReplyTarget
    {
        await withTaskGroup(of: ReplyTarget.self) { group in
            group.addTask { await show(claimed, planned) }
            for await event in events { handle(event) }
            group.cancelAll()
            return await group.next() ?? ReplyTarget(claimed: claimed)
        }
    }

    /// Notes an event for the next edit, and for the status line while there is no message yet.
    func handle(_ event: AnswerEvent) {
        let status = text.withLockedValue { text in
            text.handle(event)
            return text.status
        }
        thread.status?.show(UserMessages.status(status))
        changed.send()
    }

    private func show(_ claimed: ClaimedQuestion, _ planned: [PostRow]) async -> ReplyTarget {
        let due = ContinuousClock.now + progressDelay
        let target = await withCancellationShield(lasting: ReplyThread.grace) { await thread.open(claimed, planned) }
        guard let progress = planned.progress, target.isOpen else { return target }
        // A message that an earlier attempt may have posted must be found in any case.
        if progressDelay > .zero, PostDelivery(progress, epoch: claimed.claim.epoch).action == .post {
            try? await Task.sleep(until: due, clock: .continuous)
            if Task.isCancelled { return target }
        }
        return await show(progress, target)
    }

    /// Posts the progress message in an open thread and edits it until the task is cancelled, which means that the
    /// answer is ready.
    func show(_ progress: PostRow, _ target: ReplyTarget) async -> ReplyTarget {
        let first = text.withLockedValue { $0.message }
        var begun = await withCancellationShield(lasting: ReplyThread.grace) { await begin(progress, first, target) }
        if begun.isOpen, let ts = begun.progressTS {
            let address = MessageAddress(channel: begun.claimed.incoming.channel, ts: ts)
            await withDiscardingTaskGroup { group in
                group.addTask { await becomeLate() }
                await edit(address, of: begun.claim, after: first)
                group.cancelAll()
            }
        }
        begun.editedText = text.withLockedValue { $0.shownAnswer }
        return begun
    }

    private func becomeLate() async {
        try? await Task.sleep(until: lateAt, clock: .continuous)
        guard !Task.isCancelled else { return }
        text.withLockedValue { $0.becomeLate() }
        changed.send()
    }

    /// Posts the progress message, or finds the one of an earlier attempt.
    private func begin(_ progress: PostRow, _ message: SlackMessage, _ before: ReplyTarget) async -> ReplyTarget {
        var target = before
        let claimed = target.claimed
        var post = progress
        post.body = message.json
        switch await thread.outbox.deliver(post, of: claimed, within: ReplyThread.timeout) {
        case .sent(let ts):
            target.shown.insert(ShownMessage(part: 0, ts: ts), at: 0)
            if progress.ts == nil, let ts { await thread.note(claimed, part: 0, ts: ts) }
        case .failed(let code) where SlackError.mayNotPost(code):
            await thread.turnPrivate(claimed, [progress], code)
            target.isPrivate = true
        case .failed(let code): await thread.give(up: progress, code, claimed)
        default: target.shown.insert(ShownMessage(part: 0, ts: nil), at: 0)
        }
        return target
    }

    /// Edits the progress message at each change, at most once per `pace`. A failed or skipped edit is made up for by
    /// the next one or the answer.
    private func edit(_ progress: MessageAddress, of claim: Claim, after first: SlackMessage) async {
        var shown = first
        var due = ContinuousClock.now + Self.pace
        for await _ in changed.changes {
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
                return try await thread.outbox.updateProgress(progress, to: message, of: claim)
            } catch {
                logger.debug("A progress message was not edited.", metadata: ["error": "\(error)"])
                return false
            }
        }
    }
}
