import Analytics
import Bridge
import Logging

/// Asks without a thread: HTTP and the command line. The same bridge and the same record as a question of Slack.
struct Asking: Sendable {
    let record: Record
    let process: ProcessRow
    let bridge: Bridge
    let live: LiveSettings
    let logger: Logger

    /// The person of that e-mail: as the configuration names them, else with the role of their row. Throws ``Disabled``
    /// for somebody whom an administrator switched off, ``StoreError`` when the record cannot be read.
    func principal(email: String) async throws -> Principal {
        let row = try await record.user(email: People.normalised(email))
        if let row, !row.isActive { throw Disabled() }
        return live.current.people.principal(email: email, name: row?.name, storeRole: row?.role)
    }

    /// Stores, answers and records one question; returns how it ended. Throws ``StoreError`` when it could not be
    /// stored, ``AlreadyAsked`` when the same `originKey` was asked before.
    func ask(
        _ question: Question, originKey: String? = nil, origin: Origin = Origin(),
        tell: @escaping @Sendable (AnswerEvent) async -> Void
    ) async throws -> Ending {
        let claim = try await begin(question, originKey: originKey, origin: origin)
        let ending = await bridge.answer(question, under: live.snapshot, tell: tell)
        await end(question, origin: origin, ending, claim)
        return ending
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
        let claim = try await begin(question, originKey: originKey, origin: origin)
        let direct = DirectCall(
            registry: bridge.registry, journal: record, currentRights: bridge.currentRights, logger: logger)
        let outcome = await direct.run(tool, arguments: arguments, for: question, under: live.snapshot)
        await end(question, origin: origin, outcome.ending, claim)
        return Called(id: id, tool: tool, ending: outcome.ending, result: outcome.result)
    }

    private func begin(_ question: Question, originKey: String?, origin: Origin) async throws -> Claim {
        if live.current.auditRequired, record.isAway {
            throw StoreError(.unavailable, "without its record Omni does not answer (audit.required); try again later")
        }
        let acceptance = try await record.accept(NewQuestion(question, originKey: originKey, origin: origin))
        if case .duplicate(let id) = acceptance { throw AlreadyAsked(id: id) }
        guard let claim = try await record.claim(question.id, for: process, lease: .seconds(600)) else {
            throw StoreError(.busy, "an earlier question of this conversation is still being answered; try again")
        }
        return claim
    }

    /// A caller that went away must not cost the record its row.
    private func end(_ question: Question, origin: Origin, _ ending: Ending, _ claim: Claim) async {
        await withCancellationShield {
            do {
                _ = try await record.finish(FinishedQuestion(question, origin: origin, ending: ending), claim)
            } catch {
                logger.critical(
                    "An ending could not be recorded.",
                    metadata: ["question": "\(question.id)", "error": "\(error)"])
                record.lapse(claim)
            }
        }
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

/// An administrator switched this person's access off.
struct Disabled: Error, Sendable, CustomStringConvertible {
    var description: String { Speech.disabled }
}
