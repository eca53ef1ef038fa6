import Analytics
import Bridge
import Logging

/// Asks without a thread: HTTP and the command line. The same bridge and the same record as a question of Slack.
struct QuestionService: Sendable {
    let store: Store
    let process: ProcessRow
    let bridge: Bridge
    let live: LiveSettings
    let inFlight: InFlightQuestions
    let logger: Logger
    /// How long a question waits for older ones of its conversation, at most; nil: as long as its answer may take. The
    /// dispatchers of other processes leave it alone while this process lives (``Store/claimable(at:limit:)``).
    var turnTimeout: Duration?

    private static let longestPause = Duration.seconds(1)
    private static let withdrawalTimeout = Duration.seconds(5)
    /// Pauses between attempts to record an ending, for which a caller waits.
    private static let recordingPauses: [Duration] = [.milliseconds(200), .seconds(1)]

    /// The person of that e-mail: as the configuration names them, else with the role of their row. Throws
    /// ``UserDisabled`` for a user whom an administrator disabled, ``StoreError`` when the store cannot be read.
    func principal(email: String) async throws -> Principal {
        let row = try await store.user(email: ConfiguredUsers.normalised(email))
        if let row, !row.isActive { throw UserDisabled() }
        return live.current.users.principal(email: email, name: row?.name, storeRole: row?.role)
    }

    /// Stores, answers and records one question; returns how it ended. A question of a conversation that is busy waits
    /// for its turn. Throws ``StoreError`` when it could not be stored, ``DuplicateQuestion`` when the same `originKey`
    /// was asked before, ``ConversationBusy``, ``TooManyCallers`` and ``Stopping`` when it was not begun,
    /// ``TakenOver``, and
    /// ``NotRecorded``.
    func ask(
        _ question: Question, originKey: String? = nil, origin: QuestionOrigin = QuestionOrigin(),
        onEvent: @escaping @Sendable (AnswerEvent) async -> Void
    ) async throws -> QuestionOutcome {
        try await inFlight.run(question.id) {
            let claim = try await begin(question, originKey: originKey, origin: origin)
            let outcome = await bridge.answer(question, under: live.snapshot, onEvent: onEvent)
            Failpoint.answered.reach()
            return try await end(question, origin: origin, outcome, claim)
        }
    }

    /// Calls one tool for a person, without a model, and records it as a question of the kind `tool`. Throws as
    /// ``ask(_:originKey:origin:onEvent:)`` does.
    func call(
        _ tool: ToolName, arguments: JSONValue, by asker: Principal, in place: Place, originKey: String? = nil,
        origin: QuestionOrigin = QuestionOrigin()
    ) async throws -> DirectCallResult {
        let id = ULID()
        let question = Question(
            id: id, asker: asker, text: "\(tool) \(arguments.text())", place: place, threadKey: "tool:\(id)",
            kind: .tool)
        return try await inFlight.run(id) {
            let claim = try await begin(question, originKey: originKey, origin: origin)
            let direct = DirectCall(
                registry: bridge.registry, journal: store, currentRights: bridge.currentRights, logger: logger)
            let called = await direct.run(tool, arguments: arguments, for: question, under: live.snapshot)
            let outcome = try await end(question, origin: origin, called.outcome, claim)
            return DirectCallResult(id: id, tool: tool, outcome: outcome, result: called.result)
        }
    }

    private func begin(_ question: Question, originKey: String?, origin: QuestionOrigin) async throws -> Claim {
        if live.current.auditRequired, store.isAway {
            throw StoreError(.unavailable, "without its record Omni does not answer (audit.required); try again later")
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
            // Nothing was done for one that was withdrawn, so the same request may still be carried out, once.
            guard let originKey, let row = try? await store.question(id), row.wasWithdrawn else {
                throw DuplicateQuestion(id: id)
            }
            key = "\(originKey) after \(id)"
        }
    }

    /// Claims the question when no older one of its conversation is under way any more. One whose turn does not come is
    /// ended here: left behind, it would hold up those after it.
    private func turn(of question: Question, origin: QuestionOrigin) async throws -> Claim {
        let deadline = live.snapshot.limits.deadline
        let end = ContinuousClock.now + min(turnTimeout ?? deadline, deadline)
        var pause = Duration.milliseconds(100)
        do {
            while true {
                // Long, because the command line renews no leases.
                if let claim = try await store.claim(question.id, for: process, lease: .seconds(600)) { return claim }
                guard ContinuousClock.now < end else { break }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        } catch {
            let outcome =
                Task.isCancelled
                ? QuestionOutcome.cancelled(Usage())
                : Self.failure(.storeUnavailable, "The record could not be reached in time.", question)
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

    /// Ends a question that was never claimed, also when its caller went away.
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
                    // A claim whose answer got lost is given back when the leases are renewed.
                    try? await Task.sleep(for: .milliseconds(300))
                } while !Task.isCancelled
                logger.warning(
                    "A question whose turn did not come could not be ended.",
                    metadata: ["question": "\(finished.question.id)", "problem": "\(problem)"])
            }
        }
    }

    /// Records the ending, also of a caller that went away, and gives it as the caller gets it: an answer that the record
    /// does not take carries a warning. Throws ``TakenOver`` when another process has the question, and ``NotRecorded``
    /// when there must be no answer without its record.
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

    /// False when another process has the question; nil when the record does not take the ending.
    private func write(_ finished: FinishedQuestion, _ claim: Claim) async -> Bool? {
        for pause in Self.recordingPauses + [.zero] {
            do {
                let isOurs = try await store.finish(finished, claim)
                Failpoint.finished.reach()
                return isOurs
            } catch {
                logger.critical(
                    "An ending could not be recorded.",
                    metadata: ["question": "\(claim.id)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
        // A claim that is kept would be renewed for ever, and hold up the conversation.
        store.lapse(claim)
        return nil
    }
}

extension QuestionOutcome {
    /// The same, with the warning that it is not in the record. Only an answer has a place for one.
    fileprivate var unrecorded: QuestionOutcome {
        guard case .answered(let answer) = self else { return self }
        return .answered(Answer(text: answer.text, warning: .notRecorded, usage: answer.usage))
    }
}
