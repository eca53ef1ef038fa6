import Bridge

extension Store {
    /// A page of the audit log, newest row first.
    ///
    /// - Parameter before: the id of the last row of the previous page; nil begins with the newest row.
    package func auditPage(_ filter: AuditFilter, before: Int64? = nil, limit: Int) async throws -> [AuditRow] {
        try await database.read { connection in
            var statement = SQLStatement(connection.dialect)
            let bounds = before.map { ["id < \(statement.bind(.int($0)))"] } ?? []
            let condition = filter.condition(&statement, and: bounds)
            let sql = """
                SELECT id, \(AuditRow.selection(connection.dialect)) FROM audit_logs \(condition)
                ORDER BY id DESC LIMIT \(statement.bind(.int(Int64(max(0, limit)))))
                """
            return try connection.query(sql, statement.values).compactMap { AuditRow($0) }
        }
    }

    /// A page of the audit log, oldest row first.
    ///
    /// - Parameters:
    ///   - after: the id of the last row of the previous page; 0 begins with the oldest row.
    ///   - last: rows with a higher id are left out.
    package func auditPage(
        _ filter: AuditFilter, after: Int64, through last: Int64, limit: Int
    ) async throws -> [AuditRow] {
        try await database.read { connection in
            var statement = SQLStatement(connection.dialect)
            let bounds = ["id > \(statement.bind(.int(after)))", "id <= \(statement.bind(.int(last)))"]
            let condition = filter.condition(&statement, and: bounds)
            let sql = """
                SELECT id, \(AuditRow.selection(connection.dialect)) FROM audit_logs \(condition)
                ORDER BY id LIMIT \(statement.bind(.int(Int64(max(0, limit)))))
                """
            return try connection.query(sql, statement.values).compactMap { AuditRow($0) }
        }
    }

    /// The highest id of the audit log, below which no row is written any more; 0 if it is empty.
    ///
    /// PostgreSQL gives a row its id before it is committed, so a row with a lower id may appear after one with a
    /// higher id. The lock waits for the transactions that have such ids, and new ones wait for it, for a moment.
    package func lastAuditID() async throws -> Int64 {
        let tries = 5
        for attempt in 1...tries {
            do {
                return try await database.write { connection in
                    if connection.dialect == .postgres {
                        try connection.script(
                            "SET LOCAL lock_timeout = '1s'; LOCK TABLE ONLY audit_logs IN SHARE MODE")
                    }
                    return try connection.query("SELECT max(id) AS last FROM audit_logs", []).first?.int("last") ?? 0
                }
            } catch let error as StoreError where error.code == .busy && attempt < tries {
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        throw StoreError(.busy, "other transactions use the audit log: try again later")
    }
}
