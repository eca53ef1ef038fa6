package import Bridge

extension Store {
    /// Ids of at most `limit` questions that may be claimed: those of the spool, oldest first, then those of the store,
    /// oldest first. Only those of the spool while the store is unavailable.
    ///
    /// - Parameter leavingCallers: without the questions that were not begun and whose caller waits in a process that is
    ///   live, or may be registering (60 s): that process claims them by itself.
    package func claimable(leavingCallers: Bool = false, limit: Int = 50) async throws -> [ULID] {
        guard let spool else {
            return try await database.autocommit {
                try Self.claimable(leavingCallers: leavingCallers, limit: limit, on: $0)
            }
        }
        let (process, since) = spool.state.withLockedValue { ($0.process?.id, $0.inUseSince) }
        // During this time other processes may still be returning from the same outage, so a missing heartbeat means
        // nothing.
        let mayReturn = ContinuousClock.now < since + Self.othersReturn
        let leaving = process.map { OtherOwners(process: $0, sign: mayReturn ? .seconds(86_400) : Self.lease) }
        var ids: [ULID] = []
        if spool.state.withLockedValue({ !$0.questions.isEmpty }) {
            let body: Work<[ULID]> = {
                try Self.claimable(leavingCallers: leavingCallers, leaving: leaving, limit: limit, on: $0)
            }
            ids = try await spool.file.use { try await $0.read(body) }.filter { spool.contains($0) }
        }
        let rest = limit - ids.count
        guard !spool.isAway, rest > 0 else { return ids }
        let body: Work<[ULID]> = {
            try Self.claimable(leavingCallers: leavingCallers, leaving: leaving, limit: rest, on: $0)
        }
        return ids + (try await inStore { try await $0.autocommit(body) })
    }

    /// The other owners whose questions are not claimed although their lease has expired: those that have not ended and
    /// sent a heartbeat within `sign`. Such an owner lost its lease in an outage and has the question in its spool.
    private struct OtherOwners: Sendable {
        /// Id of the calling process, which is not one of them.
        let process: String
        /// Largest age of the last heartbeat.
        let sign: Duration
    }

    /// Default duration of a lease.
    private static let lease = Duration.seconds(5)
    /// Time after this process began to use the store (again) in which other processes may not have done so yet. Longer
    /// than two probes that wait for their answer.
    static let othersReturn = Duration.seconds(5)

    private static func claimable(
        leavingCallers: Bool, leaving others: OtherOwners? = nil, limit: Int,
        on connection: any SQLConnection
    ) throws -> [ULID] {
        let dialect = connection.dialect
        var statement = SQLStatement(dialect)
        let left = others.map {
            """
            AND (questions.lease_until IS NULL OR questions.owner = \(statement.bind(.text($0.process)))
                OR NOT EXISTS (SELECT 1 FROM processes WHERE processes.id = questions.owner AND processes.pid <> 0
                    AND processes.heartbeat_at > \(dialect.now(plus: -$0.sign.milliseconds))))
            """
        }
        let callers =
            leavingCallers
            ? """
            AND (questions.owner IS NULL OR questions.epoch > 0
                OR ((questions.received_at < \(dialect.now(plus: -60_000))
                        OR EXISTS (SELECT 1 FROM processes WHERE processes.id = questions.owner))
                    AND NOT EXISTS (
                        SELECT 1 FROM processes WHERE processes.id = questions.owner AND processes.pid <> 0
                        AND processes.heartbeat_at > \(dialect.now(plus: -silence.milliseconds)))))
            """ : ""
        let sql = """
            SELECT id FROM questions WHERE \(QuestionRows.claimable(dialect)) \(left ?? "") \(callers)
            ORDER BY asked_at, id LIMIT \(statement.bind(.int(Int64(limit))))
            """
        return try connection.query(sql, statement.values).compactMap { $0.ulid("id") }
    }
}
