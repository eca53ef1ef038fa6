import Foundation

/// The retention on SQLite, which has no partitions.
extension Store {
    private static let deletedAtOnce = 500

    func removeRows(before cutoff: Date, _ key: AuditKey?, _ result: inout RetentionResult) async throws {
        while !Task.isCancelled {
            let count = try await database.write { try Self.removeRows(before: cutoff, key, on: $0) }
            result.auditRows += count
            guard count == Self.deletedAtOnce else { break }
        }
        while !Task.isCancelled {
            let count = try await database.write { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    DELETE FROM tool_calls WHERE id IN (SELECT id FROM tool_calls
                        WHERE created_at < \(statement.bind(.time(cutoff))) LIMIT \(Self.deletedAtOnce))
                    """
                return try connection.execute(sql, statement.values)
            }
            result.toolCalls += count
            guard count == Self.deletedAtOnce else { break }
        }
    }

    /// Deletes a batch and returns its number of rows. With a key only sealed rows, without one only unsealed ones.
    private static func removeRows(
        before cutoff: Date, _ key: AuditKey?, on connection: any SQLConnection
    ) throws -> Int {
        var statement = SQLStatement(connection.dialect)
        let sql = """
            SELECT id, question_id, chain_day, seq, prev_hash, hash FROM audit_logs
            WHERE created_at < \(statement.bind(.time(cutoff))) AND seq IS \(key == nil ? "NULL" : "NOT NULL")
            ORDER BY created_at, id LIMIT \(deletedAtOnce)
            """
        let rows = try connection.query(sql, statement.values)
        guard !rows.isEmpty else { return 0 }
        if let key {
            try adopt(key, on: connection)
            try record(removed: rows, key, on: connection)
        }
        try delete(saltKeys(rows), from: ["audit_salts", "audit_forgotten"], on: connection)
        for row in rows {
            try connection.execute("DELETE FROM audit_logs WHERE id = $1", [.int(row.int("id") ?? 0)])
        }
        if let key {
            for day in Set(rows.compactMap { $0.text("chain_day") }).sorted() {
                let rest = try connection.query("SELECT 1 FROM audit_logs WHERE chain_day = $1 LIMIT 1", [.text(day)])
                if rest.isEmpty, try isOver(day: day, on: connection) {
                    try record(removedDay: day, key, on: connection)
                }
            }
        }
        return rows.count
    }

    private static func saltKeys(_ rows: [SQLRow]) -> [String] {
        rows.map { row in row.text("question_id") ?? "row \(row.int("id") ?? 0)" }
    }

    /// Deletes the rows of these questions from tables that have a column `question_id`.
    static func delete(_ questions: [String], from tables: [String], on connection: any SQLConnection) throws {
        guard !questions.isEmpty else { return }
        for table in tables {
            var statement = SQLStatement(connection.dialect)
            let places = statement.list(questions)
            try connection.execute("DELETE FROM \(table) WHERE question_id IN (\(places))", statement.values)
        }
    }
}
