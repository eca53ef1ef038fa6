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
        if live.current.auditRequired, record.isAway {
            throw StoreError(.unavailable, "without its record Omni does not answer (audit.required); try again later")
        }
        let acceptance = try await record.accept(NewQuestion(question, originKey: originKey, origin: origin))
        if case .duplicate(let id) = acceptance { throw AlreadyAsked(id: id) }
        guard let claim = try await record.claim(question.id, for: process, lease: .seconds(600)) else {
            throw StoreError(.busy, "an earlier question of this conversation is still being answered; try again")
        }
        let ending = await bridge.answer(question, under: live.snapshot, tell: tell)
        // A caller that went away must not cost the record its row.
        await Shield.run {
            do {
                _ = try await record.finish(FinishedQuestion(question, origin: origin, ending: ending), claim)
            } catch {
                logger.critical(
                    "An ending could not be recorded.",
                    metadata: ["question": "\(question.id)", "error": "\(error)"])
            }
        }
        return ending
    }
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
