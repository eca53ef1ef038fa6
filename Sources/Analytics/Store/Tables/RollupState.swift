import Bridge

extension Store {
    /// Computes the roll-ups again if they are missing (the questions ended before version 3 of the schema) or are
    /// those of another time zone. True if they were computed.
    ///
    /// Run by the process that holds the lease of the job. Two processes at once compute the same figures twice.
    @discardableResult
    package func ensureRollups() async throws -> Bool {
        let zone = calendar.identifier
        guard try await database.read({ try Self.needsRebuild(zone, on: $0) }) else { return false }
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
}
