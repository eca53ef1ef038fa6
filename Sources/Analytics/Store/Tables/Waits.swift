package import Bridge
import Foundation

/// What came of an answer to a wait.
package enum WaitEnd: Sendable, Hashable {
    /// The answer has ended the wait: the question may be claimed.
    case ended
    /// The wait had ended before; nothing was changed.
    case alreadyEnded
    /// The question has no such wait.
    case unknown
}

extension Store {
    /// Suspends a question until ``answer(_:to:of:)`` or the end of the wait's time: writes the step, the state and the
    /// posts in one transaction. Without posts the claim is given up, else it lasts until they are delivered. False,
    /// and nothing is written, if the claim is superseded or the question has ended.
    package func suspend(_ wait: Wait, _ claim: Claim, posts: [PostRow]) async throws -> Bool {
        let done: Bool
        do {
            done = try await begin(wait, claim, posts)
        } catch let error as StoreError where error.code == .commitUnknown && spool == nil {
            // The question waits under this epoch (or was woken since), or nothing was written.
            done = try await isSuspended(claim) ? true : try await begin(wait, claim, posts)
        }
        if !done || posts.isEmpty { letGo(claim) }
        return done
    }

    private func begin(_ wait: Wait, _ claim: Claim, _ posts: [PostRow]) async throws -> Bool {
        // A choice is an answer of the asker, as an elicitation of MCP.
        let reason = QuestionState.Reason.elicitation
        let done = try await writeClaimed(claim.id) { connection in
            // The step before the row: see ``Migrations/lockTables(_:)``.
            guard try Self.append(.waiting(wait), to: claim.id, claim.epoch, on: connection) else { return false }
            let event = QuestionStateMachine.Event.suspend(
                epoch: claim.epoch, for: reason, undelivered: !posts.isEmpty)
            guard try Self.change(claim.id, by: event, on: connection) != nil else {
                throw StoreError(.superseded, "the question \(claim.id) was claimed by another process")
            }
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET wait_until = \(statement.bind(.time(wait.expiresAt)))
                WHERE id = \(statement.bind(.text(claim.id.text)))
                """
            try connection.enqueue(sql, statement.values)
            for post in posts { try Self.put(post, epoch: claim.epoch, on: connection) }
            try Self.endWaitIfStopped(claim.id, on: connection)
            return true
        }
        if done { heldClaims.withLockedValue { $0.note(.waits(reason, until: wait.expiresAt), posts, of: claim.id) } }
        return done
    }

    private func isSuspended(_ claim: Claim) async throws -> Bool {
        guard let row = try await question(claim.id) else { return false }
        return row.epoch == claim.epoch && row.owner == claim.owner && [.waiting, .received].contains(row.state)
    }

    /// Ends a wait of a question with an answer, so that the question is claimed and goes on. Of several answers, also
    /// in several processes, exactly one ends it; one that comes late does as long as the question was not claimed.
    ///
    /// Throws ``StoreError``, and the answer may be given again: `.unavailable` if the store that has the wait is, and
    /// `.busy` if the question does not leave the spool, or this process's hands, in time.
    package func answer(_ answer: InputAnswer, to wait: ULID, of question: ULID) async throws -> WaitEnd {
        let body: Work<WaitEnd> = { try Self.end(wait, of: question, with: answer, on: $0) }
        let waitEnd = try await writeUnclaimed(question, body)
        if waitEnd == .unknown, let spool { try checkSteps(of: question, spool) }
        return waitEnd
    }

    private static func end(
        _ wait: ULID, of question: ULID, with answer: InputAnswer, on connection: any SQLConnection
    ) throws -> WaitEnd {
        guard try waits(of: question, on: connection).contains(where: { $0.id == wait }) else { return .unknown }
        // Locks the row: there may be a newer wait since.
        guard try machine(of: question, on: connection) != nil,
            try waits(of: question, on: connection).last?.id == wait,
            let machine = try change(question, by: .wake, on: connection)
        else { return .alreadyEnded }
        try note(answer, to: wait, of: question, machine.epoch, on: connection)
        return .ended
    }

    /// Writes the step that ends a wait.
    static func note(
        _ answer: InputAnswer, to wait: ULID, of question: ULID, _ epoch: Int64, on connection: any SQLConnection
    ) throws {
        let fields: [(String, ColumnValue)] = [("question_id", .text(question.text)), ("epoch", .int(epoch))]
        try SQLStatement.insertLater(
            into: "question_steps", fields + QuestionStep.waitEnded(wait, answer).fields, on: connection)
    }

    /// The question and what it waits for; nil if it does not wait for an answer. Throws ``StoreError`` `.unavailable`
    /// if the store that has the wait is.
    package func openWait(of question: ULID) async throws -> (question: QuestionRow, wait: Wait)? {
        let (row, wait) = try await read(of: question) { connection in
            (try Self.question(question, on: connection), try Self.waits(of: question, on: connection).last)
        }
        guard let row, row.state == .waiting else { return nil }
        guard let wait else {
            if let spool { try checkSteps(of: question, spool) }
            return nil
        }
        return (row, wait)
    }

    /// Throws `.unavailable` for a question in the spool whose first steps are in the store.
    private func checkSteps(of question: ULID, _ spool: Spool) throws {
        guard spool.isBorrowed(question) else { return }
        throw StoreError(.unavailable, "the store is unavailable, and with it the first steps of \(question)")
    }

    /// All waits of a question, oldest first.
    static func waits(of question: ULID, on connection: any SQLConnection) throws -> [Wait] {
        let sql = "SELECT payload FROM question_steps WHERE question_id = $1 AND kind = $2 ORDER BY id"
        let values: [SQLValue] = [.text(question.text), .text(StoredStep.Kind.waiting.rawValue)]
        return try connection.query(sql, values).compactMap { $0.json("payload").flatMap { Wait($0) } }
    }
}
