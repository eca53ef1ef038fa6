package import Bridge

extension Record {
    /// Takes a question in, once: a second delivery under the same `originKey` gives the first one's id. When it
    /// returns, the question is on the disk and may be acknowledged.
    package func accept(_ new: NewQuestion) async throws -> Acceptance {
        try await database.write { connection in
            let taken = try SQLStatement.insert(
                into: "questions", QuestionRows.fields(new), "ON CONFLICT DO NOTHING", on: connection)
            guard taken == 0 else { return .accepted(new.question.id) }
            // Under READ COMMITTED this statement sees the row that the insert met.
            let sql = "SELECT id FROM questions WHERE origin_key = $1 OR id = $2"
            let values: [SQLValue] = [
                new.originKey.map { .text($0.storable) } ?? .null, .text(new.question.id.text),
            ]
            guard let id = try connection.query(sql, values).first?.ulid("id") else {
                throw StoreError(.busy, "the question \(new.question.id) met another that vanished: take it in again")
            }
            return .duplicate(id)
        }
    }

    /// Claims a question for a process: raises its epoch and leases it. nil when somebody holds it, when it has ended,
    /// or when an older question of its thread is under way. Of several processes exactly one gets it.
    package func claim(_ id: ULID, for process: ProcessRow, lease: Duration = .seconds(5)) async throws -> Claim? {
        let claim = try await database.write { connection -> Claim? in
            let dialect = connection.dialect
            let sql = """
                UPDATE questions SET state = 'working', waiting_for = NULL, owner = $2, epoch = epoch + 1,
                    attempts = attempts + 1, lease_until = \(dialect.now(plus: lease.milliseconds))
                WHERE id = $1 AND \(QuestionRows.claimable(dialect))
                RETURNING \(QuestionRows.selection(dialect))
                """
            let rows = try connection.query(sql, [.text(id.text), .text(process.id)])
            return rows.first.flatMap { QuestionRow($0) }.map { Claim(question: $0, owner: process.id) }
        }
        if let claim { claims.withLockedValue { $0[id] = claim.epoch } }
        return claim
    }

    /// Questions that could be claimed now, oldest first: of one door, or of all.
    package func claimable(door: Place.Door? = nil, limit: Int = 50) async throws -> [ULID] {
        try await database.read { connection in
            var statement = SQLStatement(connection.dialect)
            let condition = door.map { "AND questions.door = \(statement.bind(.text($0.rawValue)))" } ?? ""
            let sql = """
                SELECT id FROM questions WHERE \(QuestionRows.claimable(connection.dialect)) \(condition)
                ORDER BY asked_at, id LIMIT \(statement.bind(.int(Int64(limit))))
                """
            return try connection.query(sql, statement.values).compactMap { $0.ulid("id") }
        }
    }

    /// Lengthens the leases of everything that the process still holds, and gives those questions. A question that is
    /// missing was taken over or has ended: stop working on it.
    package func renewLeases(of process: ProcessRow, lease: Duration = .seconds(5)) async throws -> Set<ULID> {
        try await database.write { connection in
            let sql = """
                UPDATE questions SET lease_until = \(connection.dialect.now(plus: lease.milliseconds))
                WHERE owner = $1 AND \(QuestionRows.open) RETURNING id
                """
            return Set(try connection.query(sql, [.text(process.id)]).compactMap { $0.ulid("id") })
        }
    }

    /// Notes that the question waits. False when the claim no longer counts.
    package func markWaiting(_ claim: Claim, for reason: QuestionState.Reason) async throws -> Bool {
        try await mark(claim, .waiting, reason)
    }

    /// Notes that the work goes on. False when the claim no longer counts.
    package func markWorking(_ claim: Claim) async throws -> Bool {
        try await mark(claim, .working, nil)
    }

    /// Gives a question back unanswered, so that any process may claim it at once. False when the claim no longer
    /// counts.
    package func release(_ claim: Claim) async throws -> Bool {
        let released = try await database.write { connection in
            let sql = """
                UPDATE questions SET state = 'received', waiting_for = NULL, owner = NULL, lease_until = NULL
                WHERE id = $1 AND epoch = $2 AND \(QuestionRows.open)
                """
            return try connection.execute(sql, [.text(claim.id.text), .int(claim.epoch)]) == 1
        }
        forget(claim)
        return released
    }

    /// One question; nil when there is none of that id.
    package func question(_ id: ULID) async throws -> QuestionRow? {
        try await database.read { connection in
            let sql = "SELECT \(QuestionRows.selection(connection.dialect)) FROM questions WHERE id = $1"
            return try connection.query(sql, [.text(id.text)]).first.flatMap { QuestionRow($0) }
        }
    }

    /// The questions that have not ended, oldest first: of one process, or of all.
    package func unfinished(owner: String? = nil) async throws -> [QuestionRow] {
        try await database.read { connection in
            let sql = """
                SELECT \(QuestionRows.selection(connection.dialect)) FROM questions
                WHERE \(QuestionRows.open) \(owner == nil ? "" : "AND owner = $1")
                ORDER BY questions.asked_at, questions.id
                """
            return try connection.query(sql, owner.map { [.text($0)] } ?? []).compactMap { QuestionRow($0) }
        }
    }

    private func mark(
        _ claim: Claim, _ state: QuestionState, _ reason: QuestionState.Reason?
    ) async throws -> Bool {
        try await database.write { connection in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET state = \(statement.bind(.text(state.rawValue))),
                    waiting_for = \(statement.bind(.text(reason?.rawValue)))
                WHERE id = \(statement.bind(.text(claim.id.text))) AND epoch = \(statement.bind(.int(claim.epoch)))
                AND \(QuestionRows.open)
                """
            return try connection.execute(sql, statement.values) == 1
        }
    }

    func forget(_ claim: Claim) {
        claims.withLockedValue { if $0[claim.id] == claim.epoch { $0[claim.id] = nil } }
    }
}

extension Duration {
    var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
