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

    /// The highest id of the audit log; 0 if it is empty.
    package func lastAuditID() async throws -> Int64 {
        try await database.read { connection in
            try connection.query("SELECT max(id) AS last FROM audit_logs", []).first?.int("last") ?? 0
        }
    }
}
