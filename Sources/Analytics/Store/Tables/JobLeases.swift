import Bridge

/// Background jobs that one of the processes runs.
extension Store {
    /// Claims a job: raises its epoch and sets its lease, by the store's clock. Of several processes one succeeds. nil
    /// if another process holds it.
    ///
    /// A job is free when its lease is over, when its process has ended in order or was replaced by one of its name, and
    /// when the lease is longer than one can be, because the store's clock was set back.
    /// A process may claim its own job again, for a claim whose result it did not receive.
    ///
    /// - Parameters:
    ///   - job: its name, which is never shown to users.
    ///   - process: must be registered.
    package func claimJob(_ job: String, for process: ProcessRow, lease: Duration) async throws -> JobLease? {
        let asked = ContinuousClock.now
        let epoch = try await inStore {
            try await $0.autocommit { connection -> Int64? in
                let (dialect, owner) = (connection.dialect, process.id)
                var statement = SQLStatement(dialect)
                let sql = """
                    INSERT INTO job_leases (job, owner, epoch, lease_until)
                    VALUES (\(statement.bind(.text(job))), \(statement.bind(.text(owner))), 1,
                        \(dialect.now(plus: lease.milliseconds)))
                    ON CONFLICT (job) DO UPDATE SET owner = excluded.owner, epoch = job_leases.epoch + 1,
                        lease_until = excluded.lease_until
                    WHERE job_leases.owner = excluded.owner OR job_leases.lease_until IS NULL
                    OR job_leases.lease_until < \(dialect.now)
                    OR job_leases.lease_until > \(dialect.now(plus: 2 * lease.milliseconds))
                    OR EXISTS (SELECT 1 FROM processes WHERE processes.id = job_leases.owner AND processes.pid = 0)
                    RETURNING epoch
                    """
                return try connection.query(sql, statement.values).first?.int("epoch")
            }
        }
        return epoch.map { JobLease(job: job, owner: process.id, epoch: $0, until: asked + lease) }
    }

    /// Prolongs the lease from now on. nil if another process has claimed the job: stop working on it. A lease that is
    /// over is prolonged if no other process has claimed the job.
    package func renewJob(_ held: JobLease, lease: Duration) async throws -> JobLease? {
        let asked = ContinuousClock.now
        guard try await setLease(of: held, { $0.now(plus: lease.milliseconds) }) else { return nil }
        return JobLease(job: held.job, owner: held.owner, epoch: held.epoch, until: asked + lease)
    }

    /// Ends the lease, so that any process may claim the job at once. Does nothing if another one has claimed it.
    package func releaseJob(_ held: JobLease) async throws {
        _ = try await setLease(of: held) { _ in "NULL" }
    }

    /// False if the lease was released or the job has a later claim.
    private func setLease(
        of held: JobLease, _ until: @escaping @Sendable (SQLDialect) -> String
    ) async throws -> Bool {
        try await inStore {
            try await $0.autocommit { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    UPDATE job_leases SET lease_until = \(until(connection.dialect))
                    WHERE job = \(statement.bind(.text(held.job))) AND owner = \(statement.bind(.text(held.owner)))
                    AND epoch = \(statement.bind(.int(held.epoch))) AND lease_until IS NOT NULL
                    """
                return try connection.execute(sql, statement.values) == 1
            }
        }
    }
}
