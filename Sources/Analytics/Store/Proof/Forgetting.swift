import Bridge

/// What ``Store/forget(_:actor:)`` has changed.
package struct ForgettingResult: Sendable, Hashable {
    /// Rows of the audit log, and questions.
    package var auditRows = 0
    package var questions = 0
    /// Whether a row of `users` was deleted or, if an administrator had disabled it, anonymised.
    package var hadUser = false

    /// Whether nothing was found under the e-mail.
    package var isEmpty: Bool { auditRows == 0 && questions == 0 && !hadUser }
}

extension Store {
    /// Rows that are changed in one transaction.
    private static let forgottenAtOnce = 200

    /// Deletes what the store has of a person: the salts of the rows, so that their digests say nothing any more, and
    /// the personal text in `audit_logs`, `questions`, `posts`, `question_steps`, `tool_calls`, the roll-ups and
    /// `users`. The figures stay, and the proof goes on to hold. Several short transactions; can be run again.
    ///
    /// Throws ``StoreError`` `.busy` while a question of the person is being answered.
    ///
    /// - Parameters:
    ///   - email: in lower case.
    ///   - actor: for `admin_events` and `audit_forgotten`.
    package func forget(_ email: String, actor: String) async throws -> ForgettingResult {
        var result = ForgettingResult()
        try await refuseRunning(email)
        while true {
            let count = try await database.write { try Self.forgetRows(email, actor, on: $0) }
            result.auditRows += count
            guard count == Self.forgottenAtOnce else { break }
        }
        while true {
            let count = try await database.write { try Self.forgetQuestions(email, on: $0) }
            result.questions += count
            guard count == Self.forgottenAtOnce else { break }
        }
        let (rows, questions) = (result.auditRows, result.questions)
        result.hadUser = try await database.write { connection in
            let hadUser = try Self.forgetUser(email, on: connection)
            // Enable with migration 3:
            try Self.forgetRollups(email, on: connection)
            guard rows > 0 || questions > 0 || hadUser else { return false }
            try SQLStatement.insert(
                into: "admin_events",
                [
                    ("actor", .text(actor)), ("action", .text("audit.forgotten")),
                    ("detail", .json(["rows": .int(Int64(rows)), "questions": .int(Int64(questions))])),
                ], on: connection)
            return hadUser
        }
        if database.dialect == .sqlite, result.auditRows > 0 {
            // Deleted words stay in the segments of the full-text index until they are merged (sqlite.org/fts5.html).
            try await database.write {
                try $0.script("INSERT INTO audit_logs_search (audit_logs_search) VALUES ('optimize')")
            }
        }
        try await refuseRunning(email)
        return result
    }

    private func refuseRunning(_ email: String) async throws {
        let isRunning = try await database.read { connection in
            try !connection.query(
                """
                SELECT 1 FROM questions WHERE asker_email = $1
                AND (state IN ('received', 'working', 'waiting') OR undelivered) LIMIT 1
                """, [.text(email)]
            ).isEmpty
        }
        guard !isRunning else {
            throw StoreError(.busy, "a question of this person is being answered: try again when it has ended")
        }
    }

    /// Clears the personal columns of a batch of rows. Returns its number of rows.
    private static func forgetRows(_ email: String, _ actor: String, on connection: any SQLConnection) throws -> Int {
        try lockChain(connection)
        let rows = try connection.query(
            "SELECT id, question_id FROM audit_logs WHERE user_email = $1 ORDER BY created_at LIMIT \(forgottenAtOnce)",
            [.text(email)])
        let keys = rows.map { row in row.text("question_id") ?? "row \(row.int("id") ?? 0)" }
        try delete(keys, from: ["audit_salts"], on: connection)
        for key in keys {
            try SQLStatement.insertLater(
                into: "audit_forgotten", [("question_id", .text(key)), ("actor", .text(actor))],
                "ON CONFLICT DO NOTHING", on: connection)
        }
        let changes = AuditDigest.personal.map { column in
            "\(column.name) = \(AuditDigest.named.contains(column.name) ? "'\(AuditDigest.forgotten)'" : "NULL")"
        }
        for row in rows {
            try connection.enqueue(
                "UPDATE audit_logs SET user_id = NULL, \(changes.joined(separator: ", ")) WHERE id = $1",
                [.int(row.int("id") ?? 0)])
        }
        try update(
            "tool_calls", "user_email = '\(AuditDigest.forgotten)', arguments = NULL, error = NULL",
            where: "question_id", isIn: keys, on: connection)
        return rows.count
    }

    /// Clears a batch of questions with their messages and steps. Returns the number of questions.
    private static func forgetQuestions(_ email: String, on connection: any SQLConnection) throws -> Int {
        let ids = try connection.query(
            "SELECT id FROM questions WHERE asker_email = $1 ORDER BY id LIMIT \(forgottenAtOnce)", [.text(email)]
        ).compactMap { $0.text("id") }
        guard !ids.isEmpty else { return 0 }
        try delete(ids, from: ["question_steps", "feedback"], on: connection)
        try update("posts", "body = NULL, error = NULL", where: "question_id", isIn: ids, on: connection)
        try update(
            "approvals", "asker = 'forgotten', arguments = NULL", where: "question_id", isIn: ids, on: connection)
        try update(
            "questions",
            """
            text = 'forgotten', answer = NULL, asker_email = 'forgotten', asker_name = 'forgotten', asker_id = NULL,
                channel_name = CASE WHEN is_direct THEN NULL ELSE channel_name END, origin = '{}'
            """, where: "id", isIn: ids, on: connection)
        return ids.count
    }

    private static func update(
        _ table: String, _ changes: String, where column: String, isIn ids: [String],
        on connection: any SQLConnection
    ) throws {
        guard !ids.isEmpty else { return }
        var statement = SQLStatement(connection.dialect)
        let places = ids.map { statement.bind(.text($0)) }.joined(separator: ", ")
        try connection.execute("UPDATE \(table) SET \(changes) WHERE \(column) IN (\(places))", statement.values)
    }
}
