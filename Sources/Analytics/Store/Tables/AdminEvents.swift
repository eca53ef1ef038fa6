import Bridge

extension Store {
    /// Stores an administrative act.
    package func note(_ event: AdminEvent) async throws {
        _ = try await database.write { connection in
            try SQLStatement.insert(
                into: "admin_events",
                [
                    ("actor", .text(event.actor)), ("action", .text(event.action)), ("subject", .text(event.subject)),
                    ("detail", .json(event.detail)),
                ], on: connection)
        }
    }

    /// At most `limit` administrative acts, newest first.
    package func adminEvents(limit: Int = 50) async throws -> [AdminEvent] {
        try await database.read { connection in
            let dialect = connection.dialect
            var statement = SQLStatement(dialect)
            let sql = """
                SELECT actor, action, subject, \(dialect.selected("detail", .json)), \(dialect.selected("at", .time))
                FROM admin_events ORDER BY id DESC LIMIT \(statement.bind(.int(Int64(max(0, limit)))))
                """
            return try connection.query(sql, statement.values).compactMap { row in
                guard let actor = row.text("actor"), let action = row.text("action") else { return nil }
                return AdminEvent(
                    actor: actor, action: action, subject: row.text("subject"), detail: row.json("detail") ?? [:],
                    at: row.time("at"))
            }
        }
    }
}
