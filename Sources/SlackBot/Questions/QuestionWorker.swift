import Analytics
import Bridge
import Logging

/// Works on one claimed question, wherever it was asked: admits it, makes the answer, stores the outcome, delivers it.
/// Every attempt takes all steps; each step finds what an earlier attempt did.
struct QuestionWorker: Sendable {
    /// Maximum number of attempts. After them the question ends as interrupted.
    static let attempts = 2
    /// Pauses between attempts to store an outcome.
    private static let recordingPauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3)]

    let store: Store
    let bridge: Bridge
    let live: LiveSettings
    let inFlight: InFlightQuestions
    let logger: Logger

    /// How the work on a claim ended.
    enum Result: Sendable {
        case ended(QuestionOutcome)
        /// The outcome could not be stored. The claim runs out, and the next one goes on from the journal.
        case unrecorded(QuestionOutcome)
        /// The question waits, was released, or belongs to another process.
        case left
    }

    /// Returns when the question has ended and is delivered, waits, or was released or left to its lease.
    @discardableResult
    func work<Handler: EntryPointHandler>(_ claim: Claim, at entryPoint: Handler) async -> Result {
        Failpoint.claimed.reach()
        if claim.question.state.isTerminal || claim.question.state == .waiting {
            if await !entryPoint.deliverRest(of: claim) { await release(claim) }
            return .left
        }
        switch await entryPoint.admit(claim) {
        case .begin(let context): return await begin(context, at: entryPoint)
        case .end(let context, let outcome): return await end(context, outcome, at: entryPoint)
        case .release:
            await release(claim)
            return .left
        }
    }

    private func begin<Handler: EntryPointHandler>(_ context: Handler.Context, at entryPoint: Handler) async -> Result {
        guard let earlier = await earlierAttempts(of: context.claim), let planned = await plan(context, at: entryPoint)
        else { return .left }
        let (result, shown) = await answer(context, after: earlier, planned, at: entryPoint)
        Failpoint.answered.reach()
        if Task.isCancelled {
            guard entryPoint.isAbandoned, case .ended(let outcome) = result else {
                await release(context.claim)
                return .left
            }
            return await withCancellationShield { await end(shown, outcome, at: entryPoint) }
        }
        switch result {
        case .ended(let outcome): return await end(shown, outcome, at: entryPoint)
        case .waiting(let wait):
            if shown.question.place.canAskBack { return await suspend(shown, for: wait, at: entryPoint) }
            let error = BridgeError(.toolFailed, "A tool wants to ask the asker, which is possible in Slack only.")
            let failure = Failure(error: error, errorID: shown.question.id.errorID, usage: Usage())
            return await end(shown, .failed(failure), at: entryPoint)
        }
    }

    /// Makes the answer while the entry point shows its events, in their order, until the question is stopped. The number
    /// of events is bounded by the question's limits (turns, tokens of a turn), so that the buffer between the two needs
    /// no other bound.
    private func answer<Handler: EntryPointHandler>(
        _ context: Handler.Context, after earlier: Earlier, _ planned: [PostRow], at entryPoint: Handler
    ) async -> (AnswerResult, Handler.Context) {
        let id = context.claim.id
        let (events, continuation) = AsyncStream.makeStream(of: AnswerEvent.self)
        return await withTaskGroup(of: AnswerResult.self) { group in
            group.addTask {
                defer { continuation.finish() }
                return await inFlight.untilStopped(id) {
                    await result(of: context, after: earlier, at: entryPoint) { continuation.yield($0) }
                }
            }
            var shown = await entryPoint.show(events, of: context, planned: planned)
            if let stop = shown.stop { inFlight.stop(id, stop) }
            let made = await group.next()
            shown.stop = context.claim.question.stop ?? inFlight.stopRequest(id)
            return (made ?? .ended(.cancelled(Usage())), shown)
        }
    }

    private func result<Handler: EntryPointHandler>(
        of context: Handler.Context, after earlier: Earlier, at entryPoint: Handler,
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async -> AnswerResult {
        guard case .steps(let steps) = earlier, context.claim.question.attempts <= Self.attempts else {
            return .ended(.interrupted(interruption(of: context.question, after: earlier)))
        }
        let snapshot = live.snapshot
        if context.claim.question.stop != nil {
            return .ended(.cancelled(bridge.spent(on: context.question, under: snapshot, in: steps)))
        }
        let question = await entryPoint.prepared(context, under: snapshot)
        return await bridge.answer(question, under: snapshot, resuming: steps, onEvent: onEvent)
    }

    /// Stores the asker and the messages that are about to be sent, and returns the outbox.
    ///
    /// nil when another process has the question, or when it was released because the messages of an earlier claim
    /// cannot be read. On a first claim an unavailable store does not prevent the answer.
    private func plan<Handler: EntryPointHandler>(_ context: Handler.Context, at entryPoint: Handler) async
        -> [PostRow]?
    {
        let posts = entryPoint.plannedPosts(context)
        do {
            let planned = try await store.locate(
                context.claim, context.question, origin: context.origin, planning: posts)
            Failpoint.postPlanned.reach()
            return planned
        } catch {
            logger.warning(
                "The messages that are about to be sent could not be stored.",
                metadata: ["question": "\(context.claim.id)", "error": "\(error)"])
            guard context.claim.epoch > 1 else { return posts }
            await release(context.claim)
            return nil
        }
    }
}

/// The end of the work: the outcome and its messages are stored first, then sent. A stored answer is delivered even if
/// this process exits.
extension QuestionWorker {
    private func end<Handler: EntryPointHandler>(
        _ context: Handler.Context, _ outcome: QuestionOutcome, at entryPoint: Handler
    ) async -> Result {
        let claim = context.claim
        let posts = await entryPoint.posts(for: outcome, context)
        let finished = FinishedQuestion(
            context.question, origin: context.origin, outcome: outcome,
            isPrivate: posts.contains { $0.kind == .ephemeral }, retryOf: claim.question.retryOf, posts: posts)
        switch await stored(claim, what: "An outcome", { try await store.finish(finished, claim) }) {
        case .yes: break
        case .no: return .left
        case .failed: return .unrecorded(outcome)
        }
        Failpoint.finished.reach()
        if await !entryPoint.deliver(posts, of: context, isWaiting: false) { await release(claim) }
        logger.info(
            "A question ended.",
            metadata: [
                "question": "\(claim.id)", "state": "\(outcome.state.rawValue)",
                "ms": "\(outcome.usage.milliseconds)", "iterations": "\(outcome.usage.iterations)",
                "tools": "\(outcome.usage.calls.count)", "cost": "\(outcome.usage.cost)",
            ])
        return .ended(outcome)
    }

    /// Stores the wait and the message with the choices, then sends it. Then nothing of this process is used until the
    /// asker has chosen, or the wait is over.
    private func suspend<Handler: EntryPointHandler>(
        _ context: Handler.Context, for wait: Wait, at entryPoint: Handler
    ) async -> Result {
        let claim = context.claim
        let posts = await entryPoint.posts(for: wait, context)
        let isStored = await stored(claim, what: "A wait") { try await store.suspend(wait, claim, posts: posts) }
        guard isStored == .yes else { return .left }
        Failpoint.suspended.reach()
        if await !entryPoint.deliver(posts, of: context, isWaiting: true) { await release(claim) }
        logger.info("A question waits for its asker.", metadata: ["question": "\(claim.id)"])
        return .left
    }

    private enum Stored { case yes, no, failed }

    /// Repeats a write that ends this claim's work. `no` when another process has the question, `failed` when it cannot
    /// be stored: then the next claim goes on from the journal.
    private func stored(_ claim: Claim, what: String, _ write: () async throws -> Bool) async -> Stored {
        for pause in Self.recordingPauses + [.zero] {
            do {
                return try await write() ? .yes : .no
            } catch {
                logger.critical(
                    "\(what) could not be stored.", metadata: ["question": "\(claim.id)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
            if Task.isCancelled { break }
        }
        if Task.isCancelled { await release(claim) } else { store.lapse(claim) }
        return .failed
    }

    /// Releases the claim after a cancellation (the shutdown took longer than its drain, or another process has the
    /// question) or an error: the next claim goes on.
    private func release(_ claim: Claim) async {
        await withCancellationShield {
            do {
                _ = try await store.release(claim)
            } catch {
                logger.warning("A question could not be given back.", metadata: ["question": "\(claim.id)"])
            }
        }
    }
}

/// What earlier claims did.
extension QuestionWorker {
    /// What the journal holds of earlier attempts.
    private enum Earlier {
        case steps([QuestionStep])
        /// The journal cannot be decoded, as when another version of Omni wrote it.
        case unreadable
    }

    /// The journal of earlier claims, read before anything is done: an attempt without it could do things twice. nil
    /// when it cannot be read now; the question was released then.
    private func earlierAttempts(of claim: Claim) async -> Earlier? {
        guard claim.epoch > 1 else { return .steps([]) }
        do {
            return .steps(try await store.journal(of: claim.id))
        } catch let error as StoreError where error.code == .corrupt {
            logger.error(
                "What was done for a question cannot be read.",
                metadata: ["question": "\(claim.id)", "error": "\(error)"])
            return .unreadable
        } catch {
            logger.warning(
                "What was done for a question cannot be read yet, so it waits.",
                metadata: ["question": "\(claim.id)", "error": "\(error)"])
            await release(claim)
            return nil
        }
    }

    /// The failure of a question that is not attempted again, with the usage of its earlier attempts.
    private func interruption(of question: Question, after earlier: Earlier) -> Failure {
        let hint = "Please ask again; what was already done is in the audit log."
        let (message, usage) =
            switch earlier {
            case .steps(let steps):
                (
                    "Omni was stopped more than once while it worked on this.",
                    bridge.spent(on: question, under: live.snapshot, in: steps)
                )
            case .unreadable: ("Another version of Omni began to work on this, and this one cannot go on.", Usage())
            }
        return Failure(
            error: BridgeError(.interrupted, message, hint: hint), errorID: question.id.errorID, usage: usage)
    }
}
