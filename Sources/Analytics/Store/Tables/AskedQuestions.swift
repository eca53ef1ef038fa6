package import Bridge

/// A question in the list of its asker: the row, and what the audit log says that it took.
package struct AskedQuestion: Sendable {
    /// What an ended question took.
    package struct Expense: Sendable, Hashable {
        /// The time of work on it.
        package let milliseconds: Int
        /// After repricing; nil if the price is not known.
        package let cost: Money?

        package init(milliseconds: Int, cost: Money?) {
            self.milliseconds = milliseconds
            self.cost = cost
        }
    }

    package let row: QuestionRow
    /// nil while the question has no row in the audit log.
    package let expense: Expense?
}

extension Store {
    /// The newest questions of an asker, newest first, in any state. Uses the index `questions_asker`. Throws at once
    /// while the store is unavailable.
    ///
    /// - Parameter emails: lower-cased. Several, because a question may have a provisional one until its asker is
    ///   identified.
    package func questions(askedBy emails: [String], limit: Int) async throws -> [AskedQuestion] {
        try await inStore { database in
            try await database.read { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    SELECT \(QuestionRows.selection(connection.dialect)) FROM questions
                    WHERE asker_email IN (\(statement.list(emails)))
                    ORDER BY questions.asked_at DESC, questions.id DESC
                    LIMIT \(statement.bind(.int(Int64(max(0, limit)))))
                    """
                let rows = try connection.query(sql, statement.values).compactMap { QuestionRow($0) }
                let expenses = try Self.expenses(of: rows.map(\.id), on: connection)
                return rows.map { AskedQuestion(row: $0, expense: expenses[$0.id.text]) }
            }
        }
    }

    /// What questions took, by their ids.
    private static func expenses(
        of ids: [ULID], on connection: any SQLConnection
    ) throws -> [String: AskedQuestion.Expense] {
        var statement = SQLStatement(connection.dialect)
        let sql = """
            SELECT question_id, duration_ms, (price_known OR audit_reprice.audit_id IS NOT NULL) AS is_known,
                coalesce(audit_reprice.new_nano, audit_logs.cost_nano) AS cost
            FROM audit_logs LEFT JOIN audit_reprice ON audit_reprice.audit_id = audit_logs.id
            WHERE question_id IN (\(statement.list(ids.map(\.text))))
            """
        let expenses = try connection.query(sql, statement.values).compactMap {
            row -> (String, AskedQuestion.Expense)? in
            guard let id = row.text("question_id"), let isKnown = row.bool("is_known"), let nano = row.int("cost")
            else { return nil }
            let milliseconds = Int(row.int("duration_ms") ?? 0)
            return (id, AskedQuestion.Expense(milliseconds: milliseconds, cost: isKnown ? Money(nano: nano) : nil))
        }
        return Dictionary(expenses, uniquingKeysWith: { first, _ in first })
    }
}
