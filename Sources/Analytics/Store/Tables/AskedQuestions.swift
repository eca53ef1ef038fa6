package import Bridge

/// A question in the list of its asker: the row, and what the audit log says it cost.
package struct AskedQuestion: Sendable {
    package let row: QuestionRow
    /// After repricing; nil while the question has no row in the audit log, and if its price is not known.
    package let cost: Money?
}

extension Store {
    /// The newest questions of an asker, newest first, in any state. A question whose asker is identified after its
    /// receipt is among them from its first claim on. Uses the index `questions_asker`. Throws at once while the store
    /// is unavailable.
    ///
    /// - Parameter email: lower-cased.
    package func questions(askedBy email: String, limit: Int) async throws -> [AskedQuestion] {
        try await inStore { database in
            try await database.read { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    SELECT \(QuestionRows.selection(connection.dialect)) FROM questions
                    WHERE asker_email = \(statement.bind(.text(email)))
                    ORDER BY questions.asked_at DESC, questions.id DESC
                    LIMIT \(statement.bind(.int(Int64(max(0, limit)))))
                    """
                let rows = try connection.query(sql, statement.values).compactMap { QuestionRow($0) }
                let costs = try Self.costs(of: rows.map(\.id), on: connection)
                return rows.map { AskedQuestion(row: $0, cost: costs[$0.id.text]) }
            }
        }
    }

    /// The known costs of questions by their ids.
    private static func costs(of ids: [ULID], on connection: any SQLConnection) throws -> [String: Money] {
        guard !ids.isEmpty else { return [:] }
        var statement = SQLStatement(connection.dialect)
        let places = ids.map { statement.bind(.text($0.text)) }.joined(separator: ", ")
        let sql = """
            SELECT question_id, coalesce(audit_reprice.new_nano, audit_logs.cost_nano) AS cost
            FROM audit_logs LEFT JOIN audit_reprice ON audit_reprice.audit_id = audit_logs.id
            WHERE question_id IN (\(places)) AND (price_known OR audit_reprice.audit_id IS NOT NULL)
            """
        let costs = try connection.query(sql, statement.values).compactMap { row -> (String, Money)? in
            guard let id = row.text("question_id"), let nano = row.int("cost") else { return nil }
            return (id, Money(nano: nano))
        }
        return Dictionary(costs, uniquingKeysWith: { first, _ in first })
    }
}
