/// What became of the processes before this one.
package enum Predecessor: Sendable, Hashable {
    /// No other process was here within a day.
    case nobody
    /// Another process has given a sign of life since this one started.
    case live
    /// Another one gave its last sign before this one started, so recently that it may still live: ask again.
    case perhaps
    /// The last sign of life of any of them is so old.
    case gone(Duration)
}

// A row with the pid 0 is of a process that has ended. It is kept for a day, because its last sign of life tells since
// when nobody was here.
extension Record {
    /// Notes that a process starts, or is there after all. An earlier process of the same name is taken for dead: its
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
            let now = connection.dialect.now
            let before = "(SELECT id FROM processes WHERE name = $1 AND id <> $2)"
            let values: [SQLValue] = [.text(process.name), .text(process.id)]
            try connection.execute(
                "UPDATE questions SET lease_until = NULL WHERE owner IN \(before) AND \(QuestionRows.live)", values)
            try connection.execute("UPDATE processes SET pid = 0 WHERE name = $1 AND id <> $2", values)
            let day = connection.dialect.now(plus: -86_400_000)
            try connection.execute("DELETE FROM processes WHERE heartbeat_at < \(day)", [])
            try SQLStatement.insert(
                into: "processes",
                [
                    ("id", .text(process.id)), ("name", .text(process.name)), ("host", .text(process.host)),
                    ("pid", .int(Int64(process.pid))), ("version", .text(process.version)),
                ], "ON CONFLICT (id) DO UPDATE SET pid = excluded.pid, heartbeat_at = \(now)", on: connection)
        }
    }

    /// Notes that the process lives. False when it counts as ended: another process of its name has started, or it gave
    /// no sign for a day.
    package func heartbeat(_ process: ProcessRow) async throws -> Bool {
        do {
            return try await inStore { database in
                try await database.alone { connection in
                    let sql = "UPDATE processes SET heartbeat_at = \(connection.dialect.now) WHERE id = $1 AND pid <> 0"
                    return try connection.execute(sql, [.text(process.id)]) == 1
                }
            }
        } catch let error as StoreError where error.saysAway && spool != nil {
            return true
        }
    }

    /// Notes that the process ends; what it still held may be claimed at once.
    package func remove(_ process: ProcessRow) async throws {
        try await inStore {
            try await $0.write { connection in
                let values: [SQLValue] = [.text(process.id)]
                try connection.execute(
                    "UPDATE questions SET lease_until = NULL WHERE owner = $1 AND \(QuestionRows.live)", values)
                let sql = "UPDATE processes SET pid = 0, heartbeat_at = \(connection.dialect.now) WHERE id = $1"
                try connection.execute(sql, values)
            }
        }
    }

    /// The processes that gave a sign of life within that time, by name.
    package func liveProcesses(within: Duration = .seconds(15)) async throws -> [ProcessRow] {
        try await inStore {
            try await $0.read { connection in
                let sql = """
                    SELECT id, name, host, pid, version FROM processes
                    WHERE pid <> 0 AND heartbeat_at > \(connection.dialect.now(plus: -within.milliseconds))
                    ORDER BY name, id
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

    /// What became of the processes before this one, which is registered; by the store's clock.
    ///
    /// - Parameter window: a process that gave no sign for so long is dead.
    package func predecessor(of process: ProcessRow, window: Duration = .seconds(15)) async throws -> Predecessor {
        try await inStore {
            try await $0.read { connection in
                let dialect = connection.dialect
                let sql = """
                    SELECT pid, \(dialect.selected("heartbeat_at", .time)), \(dialect.selected("present", .time)),
                        CASE WHEN heartbeat_at > own_start THEN 1 ELSE 0 END AS is_later
                    FROM (SELECT pid, heartbeat_at, \(dialect.now) AS present,
                        (SELECT started_at FROM processes WHERE id = $1) AS own_start
                        FROM processes WHERE id <> $1) AS others
                    """
                var predecessor = Predecessor.nobody
                for row in try connection.query(sql, [.text(process.id)]) {
                    guard let sign = row.time("heartbeat_at"), let present = row.time("present") else { continue }
                    let age = Duration.milliseconds(max(0, (present.timeIntervalSince(sign) * 1000).rounded()))
                    let mayLive = row.int("pid") != 0 && age < window
                    if mayLive, row.int("is_later") == 1 { return .live }
                    switch predecessor {
                    case _ where mayLive: predecessor = .perhaps
                    case .nobody: predecessor = .gone(age)
                    case .gone(let other): predecessor = .gone(min(age, other))
                    case .live, .perhaps: break
                    }
                }
                return predecessor
            }
        }
    }
}
