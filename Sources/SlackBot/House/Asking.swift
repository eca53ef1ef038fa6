import Analytics
import Bridge
import Logging

/// Asks without a thread: HTTP and the command line. The same bridge and the same record as a question of Slack.
struct Asking: Sendable {
    let record: Record
    let process: ProcessRow
    let bridge: Bridge
    let live: LiveSettings
    let flights: Flights
    let logger: Logger
    /// How long a question waits for older ones of its conversation, at most; nil: as long as its answer may take. The
    /// desks of other processes leave it alone while this process lives (``Record/claimable(at:limit:)``).
    var patience: Duration?

    private static let longestPause = Duration.seconds(1)
    private static let withdrawal = Duration.seconds(5)
    /// Pauses between attempts to record an ending, for which a caller waits.
    private static let recordingPauses: [Duration] = [.milliseconds(200), .seconds(1)]

    /// The person of that e-mail: as the configuration names them, else with the role of their row. Throws ``Disabled``
    /// for somebody whom an administrator switched off, ``StoreError`` when the record cannot be read.
    func principal(email: String) async throws -> Principal {
        let row = try await record.user(email: People.normalised(email))
        if let row, !row.isActive { throw Disabled() }
        return live.current.people.principal(email: email, name: row?.name, storeRole: row?.role)
    }

    /// Stores, answers and records one question; returns how it ended. A question of a conversation that is busy waits
    /// for its turn. Throws ``StoreError`` when it could not be stored, ``AlreadyAsked`` when the same `originKey` was
    /// asked before, ``ConversationBusy``, ``TooManyCallers`` and ``Stopping`` when it was not begun, ``TakenOver``, and
    /// ``NotRecorded``.
    func ask(
        _ question: Question, originKey: String? = nil, origin: Origin = Origin(),
        tell: @escaping @Sendable (AnswerEvent) async -> Void
    ) async throws -> Ending {
        try await flights.carry(question.id) {
            let claim = try await begin(question, originKey: originKey, origin: origin)
            let ending = await bridge.answer(question, under: live.snapshot, tell: tell)
            FaultPoint.answered.reach()
            return try await end(question, origin: origin, ending, claim)
        }
    }

    /// Calls one tool for a person, without a model, and records it as a question of the kind `tool`. Throws as
    /// ``ask(_:originKey:origin:tell:)`` does.
    func call(
        _ tool: ToolName, arguments: JSONValue, by asker: Principal, in place: Place, originKey: String? = nil,
        origin: Origin = Origin()
    ) async throws -> Called {
        let id = ULID()
        let question = Question(
            id: id, asker: asker, text: "\(tool) \(arguments.text())", place: place, threadKey: "tool:\(id)",
            kind: .tool)
        return try await flights.carry(id) {
            let claim = try await begin(question, originKey: originKey, origin: origin)
            let direct = DirectCall(
                registry: bridge.registry, journal: record, currentRights: bridge.currentRights, logger: logger)
            let outcome = await direct.run(tool, arguments: arguments, for: question, under: live.snapshot)
            let ending = try await end(question, origin: origin, outcome.ending, claim)
            return Called(id: id, tool: tool, ending: ending, result: outcome.result)
        }
    }

    private func begin(_ question: Question, originKey: String?, origin: Origin) async throws -> Claim {
        if live.current.auditRequired, record.isAway {
            throw StoreError(.unavailable, "without its record Omni does not answer (audit.required); try again later")
        }
        try await accept(question, originKey: originKey, origin: origin)
        FaultPoint.accepted.reach()
        let claim = try await turn(of: question, origin: origin)
        FaultPoint.claimed.reach()
        flights.claim(question.id)
        return claim
    }

    private func accept(_ question: Question, originKey: String?, origin: Origin) async throws {
        var key = originKey
        while case .duplicate(let id) = try await record.accept(
            NewQuestion(question, originKey: key, origin: origin, caller: process.id))
        {
            // Nothing was done for one that was withdrawn, so the same request may still be carried out, once.
            guard let originKey, let row = try? await record.question(id), row.wasWithdrawn else {
                throw AlreadyAsked(id: id)
            }
            key = "\(originKey) after \(id)"
        }
    }

    /// Claims the question when no older one of its conversation is under way any more. One whose turn does not come is
    /// ended here: left behind, it would hold up those after it.
    private func turn(of question: Question, origin: Origin) async throws -> Claim {
        let deadline = live.snapshot.limits.deadline
        let end = ContinuousClock.now + min(patience ?? deadline, deadline)
        var pause = Duration.milliseconds(100)
        do {
            while true {
                // Long, because under the command line nobody renews it.
                if let claim = try await record.claim(question.id, for: process, lease: .seconds(600)) { return claim }
                guard ContinuousClock.now < end else { break }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        } catch {
            let ending =
                Task.isCancelled
                ? Ending.cancelled(Usage())
                : Self.failure(.storeUnavailable, "The record could not be reached in time.", question)
            await withdraw(question, origin: origin, ending)
            if flights.isClosed { throw Stopping() }
            throw error
        }
        let busy = ConversationBusy()
        await withdraw(question, origin: origin, Self.failure(.deadline, "\(busy)", question))
        throw busy
    }

    private static func failure(_ code: ErrorCode, _ message: String, _ question: Question) -> Ending {
        .failed(Failure(error: BridgeError(code, message), errorID: question.id.errorID, usage: Usage()))
    }

    /// Ends a question that was never claimed, also when its caller went away.
    private func withdraw(_ question: Question, origin: Origin, _ ending: Ending) async {
        let finished = FinishedQuestion(question, origin: origin, ending: ending)
        await withCancellationShield {
            _ = await withDeadline(Self.withdrawal) { () async -> Void in
                var problem = "a process holds it"
                repeat {
                    do {
                        if try await record.withdraw(finished, by: process) { return }
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
    private func end(_ question: Question, origin: Origin, _ ending: Ending, _ claim: Claim) async throws -> Ending {
        let finished = FinishedQuestion(question, origin: origin, ending: ending)
        let outcome = await withCancellationShield { () async -> Bool? in await write(finished, claim) }
        guard let isRecorded = outcome else {
            if live.current.auditRequired { throw NotRecorded(id: question.id) }
            return ending.unrecorded
        }
        guard isRecorded else { throw TakenOver(id: question.id) }
        return ending
    }

    /// False when another process has the question; nil when the record does not take the ending.
    private func write(_ finished: FinishedQuestion, _ claim: Claim) async -> Bool? {
        for pause in Self.recordingPauses + [.zero] {
            do {
                let isOurs = try await record.finish(finished, claim)
                FaultPoint.finished.reach()
                return isOurs
            } catch {
                logger.critical(
                    "An ending could not be recorded.",
                    metadata: ["question": "\(claim.id)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
        // A claim that is kept would be renewed for ever, and hold up the conversation.
        record.lapse(claim)
        return nil
    }
}

extension Ending {
    /// The same, with the warning that it is not in the record. Only an answer has a place for one.
    fileprivate var unrecorded: Ending {
        guard case .answered(let answer) = self else { return self }
        return .answered(Answer(text: answer.text, warning: .notRecorded, usage: answer.usage))
    }
}

/// A direct call that ended.
struct Called: Sendable {
    let id: ULID
    let tool: ToolName
    let ending: Ending
    /// What the tool gave back, whole.
    let result: ToolResult?
}

/// The same idempotency key was used before.
struct AlreadyAsked: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String { "this was asked before, as question \(id)" }
}

/// The turn of a question did not come in time. It was ended, and may be asked again under the same key.
struct ConversationBusy: Error, Sendable, CustomStringConvertible {
    var description: String { "An earlier question of this conversation is still being answered; try again." }
}

/// Another process has the question, so that what was answered here is not in the record.
struct TakenOver: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String { "another process has taken over question \(id), and ends it without this answer" }
}

/// The record did not take how a question ended, and `audit.required` is set.
struct NotRecorded: Error, Sendable, CustomStringConvertible {
    let id: ULID
    var description: String {
        "the answer to question \(id) could not be recorded, and without its record Omni does not answer "
            + "(audit.required)"
    }
}

/// An administrator switched this person's access off.
struct Disabled: Error, Sendable, CustomStringConvertible {
    var description: String { Speech.disabled }
}
