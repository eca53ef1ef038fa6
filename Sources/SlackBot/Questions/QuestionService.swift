import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers

/// Takes questions and direct tool calls of HTTP and of the command line: stores each, waits for its turn in its
/// conversation, lets ``QuestionWorker`` work on it in the caller's task, and returns the outcome.
struct QuestionService: Sendable {
    let store: Store
    let process: ProcessRow
    let worker: QuestionWorker
    let live: LiveSettings
    let inFlight: InFlightQuestions
    let logger: Logger
    /// Maximum time that a question waits for older ones of its conversation; nil: the deadline of its answer, which is
    /// the limit in any case. Other processes do not claim a waiting question while this process is live
    /// (``Store/claimable(leavingCallers:limit:)``).
    var turnTimeout: Duration?

    var users: CallerUsers { CallerUsers(store: store, live: live) }

    /// The longest pause between two attempts to claim.
    private static let longestPause = Duration.seconds(1)
    /// How long ending an unclaimed question is retried.
    private static let withdrawalTimeout = Duration.seconds(5)

    /// Stores a question, answers it, stores the outcome and returns it. The question waits for older ones of its
    /// conversation. If this process ends meanwhile, another one goes on, and the outcome is found by the id.
    ///
    /// Throws ``StoreError`` when it could not be stored, ``DuplicateQuestion`` when the same `originKey` was used
    /// before, ``ConversationBusy``, ``TooManyCallers`` and ``Stopping`` when it was not begun, ``GoesOnElsewhere``
    /// when another process goes on with it, ``NotRecorded`` when its answer does not count, and `CancellationError`.
    func ask(
        _ question: Question, originKey: String? = nil, origin: QuestionOrigin = QuestionOrigin(),
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async throws -> QuestionOutcome {
        try await inFlight.run(question.id) {
            let claim = try await begin(question, originKey: originKey, origin: origin)
            let caller = CallerEntryPoint.Caller(question: question, onEvent: onEvent)
            let entryPoint = CallerEntryPoint(users: users, inFlight: inFlight, caller: caller)
            switch await worker.work(claim, at: entryPoint) {
            case .ended(let outcome): return outcome
            case .unrecorded(let outcome):
                if live.current.auditRequired { throw NotRecorded(id: question.id) }
                return outcome.unrecorded
            case .left: throw GoesOnElsewhere(id: question.id)
            }
        }
    }

    /// Calls one tool for a principal, without a model, and stores it as a question of kind `tool`. Throws as
    /// ``ask(_:originKey:origin:onEvent:)`` does.
    func call(
        _ tool: ToolName, arguments: JSONValue, by asker: Principal, in place: Place, originKey: String? = nil,
        origin: QuestionOrigin = QuestionOrigin()
    ) async throws -> DirectCallResult {
        let id = ULID()
        let question = Question(
            id: id, asker: asker, text: "\(tool) \(arguments.text())", place: place, threadKey: "tool:\(id)",
            kind: .tool, call: NamedToolCall(tool, arguments: arguments))
        let returned = NIOLockedValueBox<ToolResult?>(nil)
        let outcome = try await ask(question, originKey: originKey, origin: origin) { event in
            if case .toolReturned(let result) = event { returned.withLockedValue { $0 = result } }
        }
        return DirectCallResult(id: id, tool: tool, outcome: outcome, result: returned.withLockedValue { $0 })
    }

    private func begin(_ question: Question, originKey: String?, origin: QuestionOrigin) async throws -> Claim {
        if live.current.auditRequired, store.isAway {
            throw StoreError(.unavailable, "without its store Omni does not answer (audit.required); try again later")
        }
        try await accept(question, originKey: originKey, origin: origin)
        Failpoint.accepted.reach()
        let claim = try await turn(of: question, origin: origin)
        inFlight.claim(question.id)
        return claim
    }

    private func accept(_ question: Question, originKey: String?, origin: QuestionOrigin) async throws {
        var key = originKey
        while case .duplicate(let id) = try await store.accept(
            NewQuestion(question, originKey: key, origin: origin, caller: process.id))
        {
            // A withdrawn question was never claimed, so nothing was done for it: the same request may be carried out
            // now, once.
            guard let originKey, let row = try? await store.question(id), row.wasWithdrawn else {
                throw DuplicateQuestion(id: id)
            }
            key = "\(originKey) after \(id)"
        }
    }

    /// Claims the question when no older one of its conversation is in flight. One that cannot be claimed in time is
    /// ended: otherwise it would block the later ones of its conversation.
    private func turn(of question: Question, origin: QuestionOrigin) async throws -> Claim {
        let deadline = live.snapshot.limits.deadline
        let end = ContinuousClock.now + min(turnTimeout ?? deadline, deadline)
        var pause = Duration.milliseconds(100)
        do {
            while true {
                if let claim = try await store.claim(question.id, for: process) { return claim }
                guard ContinuousClock.now < end else { break }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        } catch {
            let outcome =
                Task.isCancelled
                ? QuestionOutcome.cancelled(Usage())
                : Self.failure(.storeUnavailable, "The store could not be reached in time.", question)
            await withdraw(question, origin: origin, outcome)
            if inFlight.isClosed { throw Stopping() }
            throw error
        }
        let busy = ConversationBusy()
        await withdraw(question, origin: origin, Self.failure(.deadline, "\(busy)", question))
        throw busy
    }

    private static func failure(_ code: ErrorCode, _ message: String, _ question: Question) -> QuestionOutcome {
        .failed(Failure(error: BridgeError(code, message), errorID: question.id.errorID, usage: Usage()))
    }

    /// Ends a question that was never claimed, also when its caller is cancelled.
    private func withdraw(_ question: Question, origin: QuestionOrigin, _ outcome: QuestionOutcome) async {
        let finished = FinishedQuestion(question, origin: origin, outcome: outcome)
        await withCancellationShield {
            _ = await withDeadline(Self.withdrawalTimeout) { () async -> Void in
                var problem = "a process holds it"
                repeat {
                    do {
                        if try await store.withdraw(finished, by: process) { return }
                    } catch {
                        problem = "\(error)"
                    }
                    // A claim whose response was lost is released with the next renewal of leases.
                    try? await Task.sleep(for: .milliseconds(300))
                } while !Task.isCancelled
                logger.warning(
                    "A question whose turn did not come could not be ended.",
                    metadata: ["question": "\(finished.question.id)", "problem": "\(problem)"])
            }
        }
    }
}

extension QuestionOutcome {
    /// The same outcome, with the warning that it was not stored. Only an answer can carry a warning.
    fileprivate var unrecorded: QuestionOutcome {
        guard case .answered(var answer) = self else { return self }
        answer.warning = .notRecorded
        return .answered(answer)
    }
}
