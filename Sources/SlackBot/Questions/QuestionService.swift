import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers

/// Answers questions and direct tool calls of HTTP and of the command line, with the bridge and the store that
/// questions from Slack use.
struct QuestionService: Sendable {
    let store: Store
    let process: ProcessRow
    let bridge: Bridge
    let live: LiveSettings
    let inFlight: InFlightQuestions
    let logger: Logger
    /// Maximum time that a question waits for older ones of its conversation; nil: the deadline of its answer, which is
    /// the limit in any case. Other processes do not claim a waiting question while this process is live
    /// (``Store/claimable(at:limit:)``).
    var turnTimeout: Duration?
    /// Duration of the lease until it is renewed. A ``QuestionDispatcher`` renews it from the claim on.
    var lease = Duration.seconds(5)

    /// The longest pause between two attempts to claim.
    private static let longestPause = Duration.seconds(1)
    /// How long ending an unclaimed question is retried.
    private static let withdrawalTimeout = Duration.seconds(5)
    /// Pauses between attempts to store an outcome. Short, because a caller waits.
    private static let recordingPauses: [Duration] = [.milliseconds(200), .seconds(1)]

    /// The principal of an e-mail address: as the configuration names it, else with the role of its row. Throws
    /// ``UserDisabled`` when an administrator disabled the user, and ``StoreError`` when the store cannot be read.
    func principal(email: String) async throws -> Principal {
        let row = try await store.user(email: ConfiguredUsers.normalised(email))
        if let row, !row.isActive { throw UserDisabled() }
        return live.current.users.principal(email: email, name: row?.name, storeRole: row?.role)
    }

    /// Stores a question, answers it, stores the outcome and returns it. The question waits for older ones of its
    /// conversation.
    ///
    /// Throws ``StoreError`` when it could not be stored, ``DuplicateQuestion`` when the same `originKey` was used
    /// before, ``ConversationBusy``, ``TooManyCallers`` and ``Stopping`` when it was not begun, ``TakenOver`` and
    /// ``NotRecorded`` when its answer does not count, and `CancellationError`.
    func ask(
        _ question: Question, originKey: String? = nil, origin: QuestionOrigin = QuestionOrigin(),
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async throws -> QuestionOutcome {
        try await inFlight.run(question.id) {
            let claim = try await begin(question, originKey: originKey, origin: origin)
            let result = await bridge.answer(question, under: live.snapshot, onEvent: onEvent)
            Failpoint.answered.reach()
            return try await end(question, origin: origin, outcome(result, question), claim)
        }
    }

    /// A caller cannot be asked back: tools that do so are not offered here (``Policy/askBackServer``).
    private func outcome(_ result: AnswerResult, _ question: Question) -> QuestionOutcome {
        switch result {
        case .ended(let outcome): outcome
        case .waiting:
            Self.failure(.toolFailed, "A tool wants to ask the asker, which is possible in Slack only.", question)
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
        Failpoint.claimed.reach()
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
                if let claim = try await store.claim(question.id, for: process, lease: lease) { return claim }
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

    /// Stores the outcome, also when the caller is cancelled, and returns it for the caller: with a warning when it is
    /// an answer that could not be stored. Throws ``TakenOver`` when another process has the question, and
    /// ``NotRecorded`` when the outcome could not be stored and `audit.required` is set.
    private func end(_ question: Question, origin: QuestionOrigin, _ outcome: QuestionOutcome, _ claim: Claim)
        async throws -> QuestionOutcome
    {
        let finished = FinishedQuestion(question, origin: origin, outcome: outcome)
        let written = await withCancellationShield { () async -> Bool? in await write(finished, claim) }
        guard let isRecorded = written else {
            if live.current.auditRequired { throw NotRecorded(id: question.id) }
            return outcome.unrecorded
        }
        guard isRecorded else { throw TakenOver(id: question.id) }
        return outcome
    }

    /// False when another process has the question; nil when the outcome could not be stored.
    private func write(_ finished: FinishedQuestion, _ claim: Claim) async -> Bool? {
        for pause in Self.recordingPauses + [.zero] {
            do {
                let isOurs = try await store.finish(finished, claim)
                Failpoint.finished.reach()
                return isOurs
            } catch {
                logger.critical(
                    "An outcome could not be stored.",
                    metadata: ["question": "\(claim.id)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
        // The store would go on renewing the claim, which blocks the conversation.
        store.lapse(claim)
        return nil
    }
}

extension QuestionOutcome {
    /// The same outcome, with the warning that it was not stored. Only an answer can carry a warning.
    fileprivate var unrecorded: QuestionOutcome {
        guard case .answered(let answer) = self else { return self }
        return .answered(
            Answer(text: answer.text, warning: .notRecorded, usage: answer.usage, files: answer.files))
    }
}
