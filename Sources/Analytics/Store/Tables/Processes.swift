import Logging

/// What is known of the other processes of this store.
package enum PreviousProcess: Sendable, Hashable {
    /// No other process has sent a heartbeat within a day.
    case never
    /// Another process has sent a heartbeat since this one started.
    case live
    /// The last heartbeat of another process is older than the start of this one, but recent enough that it may be
    /// alive: ask again.
    case perhaps
    /// All others have ended or sent no heartbeat within the window; the age of the newest heartbeat.
    case gone(Duration)
}

extension StoreError.Code {
    /// Another process of the same name is running.
    package static let nameTaken = StoreError.Code(rawValue: "name_taken")
}

// A row with pid 0 belongs to a process that has ended. It stays for a day, because its last heartbeat tells since when
// no process was running.
extension Store {
    /// A process without a heartbeat for this long has lost its name. Heartbeats come every 1.5 s.
    static let silence = Duration.seconds(15)
    private static let nameLook = Duration.milliseconds(500)

    /// Registers a process. The leases of an ended process of the same name end at once. If such a process may be alive
    /// on another host, waits until it sends a heartbeat (then throws) or has sent none for 15 s.
    ///
    /// While the store is unavailable nothing is written until it is available. Throws ``StoreError`` `.nameTaken`,
    /// without any change, if another process of the name is running.
    package func register(_ process: ProcessRow) async throws {
        spool?.state.withLockedValue { $0.process = process }
        do {
            while let holder = try await inStore({ try await self.enrol(process, on: $0) }) {
                try meet(holder, process)
                try await Task.sleep(for: Self.nameLook)
            }
        } catch let error as StoreError where error.saysAway && spool != nil {
        } catch is CancellationError {
            throw StoreError(.cancelled, "the registration was cancelled")
        }
    }

    /// Sends a heartbeat, and registers the process if its row is missing (it started without the store, or sent none
    /// for a day). Throws ``StoreError`` `.nameTaken` if another process of its name is running, for example after this
    /// one was suspended: then this one must stop, because each would end the leases of the other.
    package func stayRegistered(_ process: ProcessRow) async throws {
        guard try await !heartbeat(process) else { return }
        do {
            if let holder = try await inStore({ try await self.enrol(process, on: $0) }) { try meet(holder, process) }
        } catch let error as StoreError where error.saysAway && spool != nil {}
    }

    private func meet(_ holder: NameHolder, _ process: ProcessRow) throws {
        let (isNew, isAlive) = names.withLockedValue { ($0.isNew(holder), $0.meets(holder)) }
        let host = ProcessPlace.name(of: holder.place)
        if isAlive {
            let since = holder.startedAt.map { " since \(Timestamp.text($0))" } ?? ""
            throw StoreError(
                .nameTaken,
                "another `omni run` of the name \(process.name) is running\(since) (process \(holder.pid) on \(host)): "
                    + "stop it, or set OMNI_PROCESS to a name that no other process has")
        }
        guard isNew else { return }
        logger.notice(
            "Another process of this name was there a moment ago; it has the name until it is silent for 15 seconds.",
            metadata: ["name": "\(process.name)", "process": "\(holder.pid)", "host": "\(host)"])
    }

    /// Registers the process and ends the leases of earlier ones of its name, in one transaction; returns nil. If one
    /// of them may be alive, returns it and changes nothing.
    func enrol(_ process: ProcessRow, on database: any SQLDatabase) async throws -> NameHolder? {
        let holder = try await database.write { connection -> NameHolder? in
            if let holder = try Self.holder(of: process, on: connection) { return holder }
            try Self.register(process, on: connection)
            return nil
        }
        if holder == nil { names.withLockedValue { $0.forget() } }
        return holder
    }

    private static func holder(of process: ProcessRow, on connection: any SQLConnection) throws -> NameHolder? {
        let dialect = connection.dialect
        // SQLite: one `omni run` at a time, see ``ProcessLock``.
        guard dialect == .postgres else { return nil }
        // Serialises processes that start at once. The number is `name` in ASCII.
        _ = try connection.query("SELECT pg_advisory_xact_lock(1851878757, hashtext($1))", [.text(process.name)])
        let sql = """
            SELECT id, host, pid, \(dialect.selected("started_at", .time)), \(dialect.selected("heartbeat_at", .time))
            FROM processes WHERE name = $1 AND id <> $2 AND pid <> 0
            AND heartbeat_at > \(dialect.now(plus: -silence.milliseconds))
            ORDER BY id
            """
        return try connection.query(sql, [.text(process.name), .text(process.id)]).compactMap { row in
            row.text("id").map { id in
                NameHolder(
                    id: id, place: row.text("host") ?? "", pid: Int32(row.int("pid") ?? 0),
                    startedAt: row.time("started_at"), sign: row.time("heartbeat_at"))
            }
        }.first { !ProcessPlace.hasEnded(($0.pid, $0.place), seenFrom: process) }
    }

    private static func register(_ process: ProcessRow, on connection: any SQLConnection) throws {
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

    /// Sends a heartbeat. False if the process counts as ended: another one of its name has started, or it sent none
    /// for a day. True while the store is unavailable and there is a spool.
    package func heartbeat(_ process: ProcessRow) async throws -> Bool {
        do {
            return try await inStore { database in
                try await database.autocommit { connection in
                    let sql = "UPDATE processes SET heartbeat_at = \(connection.dialect.now) WHERE id = $1 AND pid <> 0"
                    return try connection.execute(sql, [.text(process.id)]) == 1
                }
            }
        } catch let error as StoreError where error.saysAway && spool != nil {
            return true
        }
    }

    /// Marks the process as ended; the questions it still holds may be claimed at once.
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

    /// The processes that sent a heartbeat within that time, by name.
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

    /// What is known of the other processes, by the store's clock. `process` must be registered.
    ///
    /// - Parameter window: a process without a heartbeat for this long counts as ended.
    package func previousProcess(of process: ProcessRow, window: Duration = .seconds(15)) async throws
        -> PreviousProcess
    {
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
                var previousProcess = PreviousProcess.never
                for row in try connection.query(sql, [.text(process.id)]) {
                    guard let sign = row.time("heartbeat_at"), let present = row.time("present") else { continue }
                    let age = Duration.milliseconds(max(0, (present.timeIntervalSince(sign) * 1000).rounded()))
                    let mayLive = row.int("pid") != 0 && age < window
                    if mayLive, row.int("is_later") == 1 { return .live }
                    switch previousProcess {
                    case _ where mayLive: previousProcess = .perhaps
                    case .never: previousProcess = .gone(age)
                    case .gone(let other): previousProcess = .gone(min(age, other))
                    case .live, .perhaps: break
                    }
                }
                return previousProcess
            }
        }
    }
}
