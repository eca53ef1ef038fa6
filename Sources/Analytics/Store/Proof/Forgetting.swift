import Bridge
import Foundation

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
    /// `users`. The figures stay, and the proof goes on to hold. Several short transactions; can be run again, and then
    /// the roll-ups have to be computed anew (``rebuildRollups(days:)``) if it had begun to clear rows.
    ///
    /// Throws ``StoreError`` `.busy` while a question of the person is being answered or waits.
    ///
    /// - Parameters:
    ///   - email: in lower case.
    ///   - actor: for `admin_events` and `audit_forgotten`.
    package func forget(_ email: String, actor: String) async throws -> ForgettingResult {
        var result = ForgettingResult()
        try await refuseRunning(email)
        var days: Set<String> = []
        while true {
            let batch = try await database.write { try Self.forgetRows(email, actor, on: $0) }
            result.auditRows += batch.rows
            days.formUnion(batch.errors.map { calendar.day(of: $0) })
            guard batch.rows == Self.forgottenAtOnce else { break }
        }
        while true {
            let count = try await database.write { try Self.forgetQuestions(email, on: $0) }
            result.questions += count
            guard count == Self.forgottenAtOnce else { break }
        }
        let (rows, questions) = (result.auditRows, result.questions)
        result.hadUser = try await database.write { connection in
            try Self.lockDays(connection)
            let hadUser = try Self.forgetUser(email, on: connection)
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
        // The roll-ups also have the messages of errors, which may name the person.
        for day in days.sorted() { try await rebuildRollups(days: day...day) }
        try await sumMonths()
        if database.dialect == .sqlite, result.auditRows > 0 { try await mergeSearchIndex() }
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
            throw StoreError(
                .busy, "a question of this person is being answered or waits for its asker: try again when it has ended"
            )
        }
    }

    /// Merges the segments of SQLite's full-text index, in which deleted words stay until then, in short transactions:
    /// other processes wait for each (sqlite.org/fts5.html, 6.8 and 6.10: a negative number of pages begins the merge of
    /// all segments, and it is done when less than two rows were changed).
    private func mergeSearchIndex() async throws {
        var pages = -500
        while true {
            let merge = "INSERT INTO audit_logs_search (audit_logs_search, rank) VALUES ('merge', \(pages))"
            let changes = try await database.write { connection -> Int64 in
                let count = "SELECT total_changes() AS number"
                let before = try connection.query(count, []).first?.int("number") ?? 0
                try connection.execute(merge, [])
                return (try connection.query(count, []).first?.int("number") ?? 0) - before
            }
            guard changes >= 2 else { return }
            pages = 500
        }
    }

    /// A batch of rows whose personal columns were cleared.
    private struct ForgottenRows {
        let rows: Int
        /// When the questions ended that have an error of their own or of a call.
        let errors: [Date]
    }

    /// Clears the personal columns of a batch of rows.
    private static func forgetRows(
        _ email: String, _ actor: String, on connection: any SQLConnection
    ) throws -> ForgottenRows {
        try lockChain(connection)
        try lockDays(connection)
        let rows = try connection.query(
            """
            SELECT id, question_id, \(connection.dialect.selected("created_at", .time)),
                CASE WHEN error_message IS NOT NULL OR EXISTS (SELECT 1 FROM tool_calls
                    WHERE tool_calls.question_id = audit_logs.question_id AND tool_calls.error IS NOT NULL)
                    THEN 1 ELSE 0 END AS has_error
            FROM audit_logs WHERE user_email = $1 ORDER BY audit_logs.created_at LIMIT \(forgottenAtOnce)
            """, [.text(email)])
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
        let errors = rows.filter { $0.bool("has_error") == true }.compactMap { $0.time("created_at") }
        return ForgottenRows(rows: rows.count, errors: errors)
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
        let places = statement.list(ids)
        try connection.execute("UPDATE \(table) SET \(changes) WHERE \(column) IN (\(places))", statement.values)
    }
}
