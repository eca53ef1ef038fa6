import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers

/// A reply as streamed messages: the driver of ``AnswerStream``. Where Slack streams nothing it is one of edits.
struct StreamReply: Reply {
    /// How long a call may go on after cancellation. Then its effect counts as unknown.
    private static let grace = Duration.seconds(3)

    private let thread: ReplyThread
    private let edits: EditedReply
    private let delay: Duration
    private let logger: Logger
    private let stream: NIOLockedValueBox<AnswerStream>
    private let changes = ChangeSignal()

    /// - Parameters:
    ///   - edits: shows the answer where it cannot be streamed.
    ///   - delay: delay of the first message; an answer within this time needs none.
    init(thread: ReplyThread, edits: EditedReply, delay: Duration, stream: AnswerStream, logger: Logger) {
        self.thread = thread
        self.edits = edits
        self.delay = delay
        self.logger = logger
        self.stream = NIOLockedValueBox(stream)
    }

    func run(_ claimed: ClaimedQuestion, planned: [PostRow], showing events: AsyncStream<AnswerEvent>) async
        -> ReplyTarget
    {
        await withTaskGroup(of: ReplyTarget?.self) { group in
            group.addTask { await show(claimed, planned) }
            group.addTask {
                for await event in events { handle(event) }
                return nil
            }
            var target = ReplyTarget(claimed: claimed)
            for await shown in group {
                if let shown { target = shown }
                if shown == nil || target.stop != nil { group.cancelAll() }
            }
            return target
        }
    }

    private func handle(_ event: AnswerEvent) {
        edits.handle(event)
        stream.withLockedValue { $0.handle(event) }
        changes.send()
    }

    /// Returns when the task is cancelled, which means that the answer is ready, or nothing more can be shown.
    private func show(_ claimed: ClaimedQuestion, _ planned: [PostRow]) async -> ReplyTarget {
        let due = ContinuousClock.now + delay
        var target = await withCancellationShield(lasting: ReplyThread.grace) { await thread.open(claimed, planned) }
        guard var progress = planned.progress, target.isOpen, let root = target.claimed.root else { return target }
        // A message that an earlier attempt may have sent is edited: a stream cannot be continued.
        guard PostDelivery(progress, epoch: claimed.claim.epoch).action == .post else {
            return await edits.show(progress, target)
        }
        try? await Task.sleep(until: due, clock: .continuous)
        guard !Task.isCancelled else { return target }
        await withDiscardingTaskGroup { group in
            group.addTask { await becomeLate() }
            await drive(target.claimed, in: root)
            group.cancelAll()
        }
        let ended = stream.withLockedValue { $0 }
        if ended.messages.isEmpty, !Task.isCancelled {
            if ended.mayHaveStarted { progress.state = .unknown }
            return await edits.show(progress, target)
        }
        target.shown = ended.messages.enumerated().map { ShownMessage(part: $0, ts: $1.ts) }
        target.stream = ended
        if ended.isStopped {
            target.stop = StopRequest(
                .requested, by: claimed.incoming.user, email: claimed.question.asker.email)
        }
        return target
    }

    private func becomeLate() async {
        try? await Task.sleep(until: edits.lateAt, clock: .continuous)
        guard !Task.isCancelled else { return }
        stream.withLockedValue { $0.becomeLate() }
        changes.send()
    }

    /// Performs one action after the other until nothing more is streamed or the task is cancelled.
    private func drive(_ claimed: ClaimedQuestion, in root: String) async {
        while !Task.isCancelled {
            let (action, part) = stream.withLockedValue { ($0.next(at: .now), $0.messages.count) }
            switch action {
            case .done: return
            case .wait(let time): await changes.wait(until: time)
            case .start, .append, .stop:
                let response = await withCancellationShield(lasting: Self.grace) {
                    await perform(action, part: part, claimed, in: root)
                }
                stream.withLockedValue { $0.handle(response, at: .now) }
            }
        }
    }
}

/// The calls.
extension StreamReply {
    private func perform(
        _ action: AnswerStream.Action, part: Int, _ claimed: ClaimedQuestion, in root: String
    ) async -> AnswerStream.Response {
        let channel = claimed.incoming.channel
        let api = thread.outbox.api
        switch action {
        case .start(let chunks): return await start(chunks, part: part, claimed, in: root)
        case .append(let ts, let chunks):
            return await response(claimed.claim) { isWanted in
                try await api.appendStream(MessageAddress(channel: channel, ts: ts), chunks, isWanted: isWanted)
                return ""
            }
        case .stop(let ts, let chunks):
            return await response(claimed.claim) { isWanted in
                try await api.stopStream(
                    MessageAddress(channel: channel, ts: ts), chunks, maxWait: .zero, isWanted: isWanted)
                return ""
            }
        case .wait, .done: return .refused
        }
    }

    /// Starts the message of that part. Its row is in the outbox before it exists, and has its ts after.
    private func start(
        _ chunks: [StreamChunk], part: Int, _ claimed: ClaimedQuestion, in root: String
    ) async -> AnswerStream.Response {
        let incoming = claimed.incoming
        do {
            let row = claimed.post(.progress, part: part, ProgressText().message)
            if part > 0, try await !thread.store.plan(claimed.claim, row) { return .busy(.seconds(1)) }
        } catch {
            logger.debug("A streamed message could not be planned.", metadata: ["error": "\(error)"])
            return .busy(.seconds(1))
        }
        let recipient = StreamRecipient(user: incoming.user, team: incoming.team)
        let response = await response(claimed.claim) { isWanted in
            try await thread.outbox.api.startStream(
                in: incoming.channel, thread: root, for: recipient, chunks, isWanted: isWanted
            ).ts
        }
        if case .sent(let ts) = response {
            Failpoint.postSent.reach()
            await thread.note(claimed, part: part, ts: ts)
        }
        return response
    }

    /// - Parameter call: returns the ts of a message that it has started.
    private func response(
        _ claim: Claim, to call: (_ isWanted: () -> Bool) async throws -> String
    ) async -> AnswerStream.Response {
        var isSent = false
        do {
            return .sent(
                ts: try await call {
                    isSent = thread.store.holds(claim)
                    return isSent
                })
        } catch let error as SlackError {
            logger.log(
                level: error.isRateLimit ? .debug : .info, "A part of an answer was not streamed.",
                metadata: ["question": "\(claim.id)", "error": "\(error)"])
            return error.streamResponse
        } catch {
            // Cancelled: before the request, or while it was in flight.
            return isSent ? .unsure : .busy(.seconds(1))
        }
    }
}
