import Bridge

extension Store {
    /// How long a rebuild counts as under way after its last day, in milliseconds.
    static let rebuildLease: Int64 = 120_000

    /// Computes the roll-ups again if they are missing (the questions ended before version 3 of the schema) or are
    /// those of another time zone. Of several processes one does it.
    ///
    /// True if they are right now; false if another process computes them: ask again later.
    package func ensureRollups() async throws -> Bool {
        let zone = calendar.identifier
        guard try await database.read({ try Self.needsRebuild(zone, on: $0) }) else { return true }
        let isOurs = try await database.write { connection -> Bool in
            // Another process may have done it since.
            guard try Self.needsRebuild(zone, on: connection) else { return true }
            return try Self.beginRebuild(on: connection)
        }
        guard isOurs else { return false }
        guard try await database.read({ try Self.needsRebuild(zone, on: $0) }) else { return true }
        logger.notice("The figures of all days are computed anew.", metadata: ["time_zone": "\(zone)"])
        try await rebuildRollups()
        return true
    }

    /// The zone of the last whole rebuild is another one or there was none, or the roll-ups were deleted.
    private static func needsRebuild(_ zone: String, on connection: any SQLConnection) throws -> Bool {
        let sql = """
            SELECT (SELECT max(time_zone) FROM rollup_state) AS time_zone,
                (SELECT count(*) FROM (SELECT 1 FROM audit_logs LIMIT 1) AS one) AS questions,
                (SELECT count(*) FROM (SELECT 1 FROM usage_rollups LIMIT 1) AS one) AS rollups
            """
        guard let row = try connection.query(sql, []).first else { return true }
        return row.text("time_zone") != zone || (row.int("questions") == 1 && row.int("rollups") == 0)
    }

    /// True if no other process computes the roll-ups; none may begin then until ``rebuildLease`` after this one's last
    /// day.
    private static func beginRebuild(on connection: any SQLConnection) throws -> Bool {
        let now = connection.dialect.now
        if connection.dialect == .postgres {
            // Serialises processes that start at once, also before the row exists. The number is `roll` in ASCII.
            _ = try connection.query("SELECT pg_advisory_xact_lock(1919904876)", [])
        }
        try SQLStatement.insert(
            into: "rollup_state", [("id", .int(1)), ("time_zone", .text(""))], "ON CONFLICT DO NOTHING", on: connection)
        let changed = try connection.execute(
            """
            UPDATE rollup_state SET rebuilding_until = \(connection.dialect.now(plus: rebuildLease))
            WHERE rebuilding_until IS NULL OR rebuilding_until < \(now)
            """, [])
        return changed == 1
    }
}
