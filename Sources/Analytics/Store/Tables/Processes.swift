extension Record {
    /// Notes that a process starts. An earlier process of the same name is taken for dead: its row goes, and its
    /// questions may be claimed at once.
    ///
    /// While the store is away nothing is noted before it is back.
    package func register(_ process: ProcessRow) async throws {
        spool?.state.withLockedValue { $0.process = process }
        do {
            try await inStore { try await self.register(process, on: $0) }
        } catch let error as StoreError where error.saysAway && spool != nil {}
    }

    func register(_ process: ProcessRow, on database: any Database) async throws {
        try await database.write { connection in
            let before = "(SELECT id FROM processes WHERE name = $1 AND id <> $2)"
            let values: [SQLValue] = [.text(process.name), .text(process.id)]
            try connection.execute(
                "UPDATE questions SET lease_until = NULL WHERE owner IN \(before) AND \(QuestionRows.live)", values)
            try connection.execute("DELETE FROM processes WHERE name = $1 AND id <> $2", values)
            try SQLStatement.insert(
                into: "processes",
                [
                    ("id", .text(process.id)), ("name", .text(process.name)), ("host", .text(process.host)),
                    ("pid", .int(Int64(process.pid))), ("version", .text(process.version)),
                ], "ON CONFLICT DO NOTHING", on: connection)
        }
    }

    /// Notes that the process lives. False when its row is gone: another process of its name has started.
    package func heartbeat(_ process: ProcessRow) async throws -> Bool {
        do {
            return try await inStore { database in
                try await database.alone { connection in
                    let sql = "UPDATE processes SET heartbeat_at = \(connection.dialect.now) WHERE id = $1"
                    return try connection.execute(sql, [.text(process.id)]) == 1
                }
            }
        } catch let error as StoreError where error.saysAway && spool != nil {
            return true
        }
    }

    /// Notes that the process ends; what it still held may be claimed at once.
    package func remove(_ process: ProcessRow) async throws {
        try await database.write { connection in
            let values: [SQLValue] = [.text(process.id)]
            try connection.execute(
                "UPDATE questions SET lease_until = NULL WHERE owner = $1 AND \(QuestionRows.live)", values)
            try connection.execute("DELETE FROM processes WHERE id = $1", values)
        }
    }

    /// The processes that gave a sign of life within that time, by name.
    package func liveProcesses(within: Duration = .seconds(15)) async throws -> [ProcessRow] {
        try await database.read { connection in
            let sql = """
                SELECT id, name, host, pid, version FROM processes
                WHERE heartbeat_at > \(connection.dialect.now(plus: -within.milliseconds)) ORDER BY name, id
                """
            return try connection.query(sql, []).compactMap { row in
                guard let id = row.text("id"), let name = row.text("name") else { return nil }
                return ProcessRow(
                    id: id, name: name, host: row.text("host") ?? "", pid: Int32(row.int("pid") ?? 0),
                    version: row.text("version") ?? "")
            }
        }
    }
}
