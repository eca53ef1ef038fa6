package import Bridge
package import Foundation

extension Store: StepJournal {
    /// Stores one step under this process's claim. Throws ``StoreError`` `.superseded` if another process has claimed
    /// the question or it has ended: the work of this process is discarded.
    package func append(_ step: QuestionStep, to question: ULID) async throws {
        guard let epoch = heldClaims.withLockedValue({ $0.epoch(of: question) }) else {
            throw StoreError(.superseded, "this process does not hold the question \(question)")
        }
        try await write(of: question, autocommit: true) { connection in
            guard try Self.append(step, to: question, epoch, on: connection) else {
                throw StoreError(.superseded, "the question \(question) has ended or belongs to another process now")
            }
        }
    }

    /// False, and nothing is written, if the question waits or has ended, or the claim of that epoch is superseded.
    static func append(
        _ step: QuestionStep, to question: ULID, _ epoch: Int64, on connection: any SQLConnection
    ) throws -> Bool {
        var statement = SQLStatement(connection.dialect)
        let values = step.fields.map { statement.bind($0.1) }.joined(separator: ", ")
        let sql = """
            INSERT INTO question_steps (question_id, epoch, kind, call_id, payload)
            SELECT id, epoch, \(values) FROM questions WHERE id = \(statement.bind(.text(question.text)))
            AND epoch = \(statement.bind(.int(epoch))) AND state = 'working'
            """
        return try connection.execute(sql, statement.values) == 1
    }

    /// The steps of earlier attempts, oldest first. Throws ``StoreError`` `.corrupt` for a step that this version
    /// cannot read, and `.unavailable` if the first steps are in a store that is unavailable: continuing without them
    /// could repeat a call.
    package func journal(of question: ULID) async throws -> [QuestionStep] {
        let body: Work<[StoredStep]> = { try Self.steps(of: question, on: $0) }
        let stored: [StoredStep]
        if let spool, spool.contains(question) {
            if spool.isBorrowed(question), heldClaims.withLockedValue({ $0.epoch(of: question) }) != 1 {
                throw StoreError(.unavailable, "the store is unavailable, and with it the first steps of \(question)")
            }
            stored = try await spool.file.use { try await $0.read(body) }
        } else {
            // Not ``read(of:autocommit:_:)``, which would continue in the spool: there the question would have no
            // steps.
            stored = try await inStore { try await $0.read(body) }
        }
        var steps: [QuestionStep] = []
        for stored in stored {
            guard let step = stored.step else {
                throw Self.unreadable(question)
            }
            steps.append(step)
        }
        return steps
    }

    /// The steps of a question, oldest first.
    package func steps(of question: ULID) async throws -> [StoredStep] {
        try await read(of: question) { try Self.steps(of: question, on: $0) }
    }

    private static func unreadable(_ question: ULID) -> StoreError {
        StoreError(.corrupt, "a step of the question \(question) was written by another version of Omni")
    }

    private static func steps(of question: ULID, on connection: any SQLConnection) throws -> [StoredStep] {
        let sql = """
            SELECT kind, call_id, epoch, payload, \(connection.dialect.selected("created_at", .time))
            FROM question_steps WHERE question_id = $1 ORDER BY id
            """
        return try connection.query(sql, [.text(question.text)]).map { row in
            guard let step = StoredStep(row) else { throw Self.unreadable(question) }
            return step
        }
    }
}

extension QuestionStep {
    /// Columns and values of its row.
    var fields: [(String, ColumnValue)] {
        [("kind", .text(kind)), ("call_id", .text(callID)), ("payload", .text(payload.text()))]
    }
}

/// A stored step: one row of `question_steps`.
package struct StoredStep: Sendable, Hashable {
    /// The column `kind`.
    package enum Kind: String, Sendable, Hashable {
        case modelTurn = "model_turn"
        case toolStarted = "tool_started"
        case toolResult = "tool_result"
        case waiting
        case waitEnded = "wait_ended"
    }

    package let kind: Kind
    /// The call's id in its question; nil for a model turn and the end of a wait.
    package let callID: String?
    /// The epoch of the claim under which it was stored.
    package let epoch: Int64
    /// A model turn: `blocks` (each the provider's bytes as a string), `text`, `calls`, `stop`, `usage`, `model` and,
    /// if requests failed before, `spent`: by model, the usage of each. A call: `server`, `tool`, `arguments`,
    /// `outcome`, `ms`, `bytes`, `error`, `verdict`, and with its result `content`, `structured`, `is_error` and, if it
    /// has any, `user_content`. A wait: `id`, `call_id`, `message`, `choices`, `timeout_ms`, `expires_at`, `worked_ms`.
    /// Its end: `id`, `answer` (`chosen`, `expired`, `cancelled`), `choice` of a chosen one and, unless it expired, `by`.
    package let payload: JSONValue
    /// When it was stored, by the database's clock.
    package let at: Date

    init?(_ row: SQLRow) {
        guard let kind = row.text("kind").flatMap(Kind.init(rawValue:)), let payload = row.json("payload"),
            let at = row.time("created_at")
        else { return nil }
        self.kind = kind
        callID = row.text("call_id")
        epoch = row.int("epoch") ?? 0
        self.payload = payload
        self.at = at
    }
}
