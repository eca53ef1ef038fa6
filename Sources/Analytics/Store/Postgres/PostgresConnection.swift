/// A session with the server, used only on the thread that made it: statements, the cache of prepared ones, and the
/// first failure of the current job.
final class PostgresConnection: SQLConnection {
    private let handle: PostgresHandle
    private var statements: StatementCache
    /// The interrupt of the current job, checked before each statement.
    var interrupt: PostgresInterrupt?
    /// The first failure since ``forgetFailure()``. The closure may have caught it; the transaction has failed all the
    /// same.
    private(set) var failure: StoreError?
    /// A statement prepared earlier does not match the tables any more or is missing in the session. It was removed
    /// from the cache, so the same transaction may succeed when repeated.
    private(set) var planWasStale = false
    /// The access of the current job.
    var access = PostgresAccess.autocommit
    /// The server rejected a write because it is read-only: another host may be the primary now, so the connection is
    /// replaced.
    private(set) var isReadOnly = false

    let dialect = SQLDialect.postgres

    /// A statement to send.
    private struct Queued {
        let statement: PostgresStatement
        /// Its text if it came from the cache, to be removed if the plan is stale; nil if it was just prepared.
        var known: String?
    }

    /// Statements that are sent together with the next one.
    private var queued: [Queued] = []
    /// The number of statements that ``begin(_:)`` has queued.
    private var openings = 0
    /// A pooler such as PgBouncer is between this process and the server: in its transaction mode each transaction has
    /// another session, so that nothing is kept in a session. Then every work is a transaction, which sets what it
    /// needs for itself, and no statement is prepared.
    private(set) var isPooled = false
    private let settings: [(name: String, value: String)]

    /// - Throws: ``StoreError`` when the session cannot be set up as the store needs it.
    init(_ handle: PostgresHandle, configuration: PostgresConfiguration) throws(StoreError) {
        self.handle = handle
        statements = StatementCache(capacity: configuration.preparedStatements)
        settings = Self.settings(configuration)
        let process = try run("SELECT pg_backend_pid() AS process").rows().first?.int("process")
        isPooled = process != handle.greetedProcess
        if isPooled {
            try checkTransactions(configuration.target)
        } else {
            _ = try run(settings.map { "SET \($0.name) = '\($0.value)'" }.joined(separator: "; "))
        }
    }

    /// The settings that the decoding relies on, independent of the defaults of role and database, and the time limits.
    private static func settings(_ configuration: PostgresConfiguration) -> [(name: String, value: String)] {
        [
            ("TimeZone", "UTC"), ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("bytea_output", "hex"),
            ("extra_float_digits", "1"), ("standard_conforming_strings", "on"),
            ("statement_timeout", "\(configuration.statementTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(configuration.idleInTransactionTimeout.milliseconds)"),
        ]
    }

    /// PgBouncer ends the session at BEGIN when it pools single statements
    /// (https://www.pgbouncer.org/config.html#pool_mode).
    private func checkTransactions(_ target: PostgresTarget) throws(StoreError) {
        do throws(StoreError) {
            _ = try run("BEGIN")
            _ = try run("ROLLBACK")
        } catch {
            guard error.message.contains("statement pooling") else { throw error }
            throw StoreError(
                .other,
                """
                the pooler at \(target.place) hands out single statements, and the store needs transactions: \
                set pool_mode = transaction (or session) in PgBouncer for this database
                """)
        }
    }

    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
        try perform(sql, values).rows()
    }

    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int {
        try perform(sql, values).changedRows
    }

    func enqueue(_ sql: String, _ values: [SQLValue]) throws {
        queued.append(try prepared(sql, values))
    }

    func script(_ sql: String) throws {
        try checkReady()
        try flush()
        _ = try run(sql)
    }

    /// Queues BEGIN; it is sent with the transaction's first statement in one round trip.
    func begin(_ sql: String) {
        queued = [Queued(statement: .command(sql))]
        if isPooled {
            let all = settings.map { "set_config('\($0.name)', '\($0.value)', true)" }.joined(separator: ", ")
            queued.append(Queued(statement: .command("SELECT \(all)")))
        }
        openings = queued.count
    }

    /// Sends COMMIT and returns the server's command tag; nil if no statement was sent since ``begin(_:)``.
    func commit() throws(StoreError) -> String? {
        if handle.isIdle, queued.count <= openings {
            queued = []
            return nil
        }
        return try perform(Queued(statement: .command("COMMIT"))).commandTag
    }

    /// Sends the queued statements.
    func flush() throws(StoreError) {
        guard let last = queued.popLast() else { return }
        _ = try perform(last)
    }

    private func perform(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> PostgresResult {
        try perform(try prepared(sql, values))
    }

    private func prepared(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> Queued {
        try checkReady()
        let parameters = try PostgresParameters(values)
        if isPooled { return Queued(statement: .unprepared(sql, parameters)) }
        if let name = statements.name(for: sql) {
            return Queued(statement: .prepared(name, parameters), known: sql)
        }
        return Queued(statement: .prepared(try prepare(sql), parameters))
    }

    private func perform(_ last: Queued) throws(StoreError) -> PostgresResult {
        guard !queued.isEmpty else { return try performAlone(last) }
        let all = queued + [last]
        queued = []
        var failed: (index: Int, failure: PostgresFailure)?
        let result = handle.pipeline(all.map(\.statement), &failed)
        guard let failed else { return result }
        if let known = all[failed.index].known { forgetStalePlan(known, failed.failure.state) }
        throw note(failed.failure)
    }

    private func performAlone(_ queued: Queued) throws(StoreError) -> PostgresResult {
        let result =
            switch queued.statement {
            case .command(let sql): handle.run(sql)
            case .prepared(let name, let parameters): handle.execute(name, parameters)
            case .unprepared(let sql, let parameters): handle.execute(unprepared: sql, parameters)
            }
        guard let failure = handle.failure(of: result) else { return result }
        if let known = queued.known { forgetStalePlan(known, failure.state) }
        throw note(failure)
    }

    private func forgetStalePlan(_ sql: String, _ state: SQLState?) {
        switch state {
        case .featureNotSupported: statements.retire(sql)
        case .undefinedStatement: statements.reset()
        default: return
        }
        planWasStale = true
    }

    private func prepare(_ sql: String) throws(StoreError) -> String {
        if !statements.retired.isEmpty {
            let result = handle.run(statements.retired.map { "DEALLOCATE \($0)" }.joined(separator: "; "))
            if let failure = handle.failure(of: result) {
                statements.reset()
                throw note(failure)
            }
            statements.clearRetired()
        }
        let name = statements.nextName()
        let result = handle.prepare(name, sql)
        if let failure = handle.failure(of: result) { throw note(failure) }
        statements.insert(sql, name: name)
        return name
    }

    /// Rolls the transaction back. False if that fails or the connection is lost.
    func rollBack() -> Bool {
        queued = []
        guard !isLost else { return false }
        guard !handle.isIdle else { return true }
        let result = handle.run("ROLLBACK")
        return handle.failure(of: result) == nil
    }

    /// Runs statements without values, without checking ``interrupt``.
    private func run(_ sql: String) throws(StoreError) -> PostgresResult {
        let result = handle.run(sql)
        if let failure = handle.failure(of: result) { throw note(failure) }
        return result
    }

    /// Throws ``StoreError`` `.cancelled` if the current job was interrupted.
    func checkInterrupt() throws(StoreError) {
        if interrupt?.isCancelled == true { throw StoreError(.cancelled, "the work was cancelled") }
    }

    /// In a failed transaction throws the first failure, which says more than the server's "current transaction is
    /// aborted" for every later statement.
    private func checkReady() throws(StoreError) {
        try checkInterrupt()
        if handle.isAborted, let failure { throw failure }
    }

    private func note(_ failure: PostgresFailure) -> StoreError {
        let isReading = access == .read
        let error = failure.error(
            lost: handle.isLost, cancelled: interrupt?.isCancelled ?? false, reading: isReading)
        if failure.state == .readOnlyTransaction, !isReading { isReadOnly = true }
        self.failure = self.failure ?? error
        return error
    }

    /// Clears ``failure`` and ``planWasStale`` before an attempt.
    func forgetFailure() {
        failure = nil
        planWasStale = false
    }

    /// The transaction has failed: the server rejects every statement until ROLLBACK.
    var isAborted: Bool { handle.isAborted }
    /// The connection is lost; it is never restored.
    var isLost: Bool { handle.isLost }
    /// Like ``isLost``, after reading what the server has sent meanwhile.
    func notesLoss() -> Bool { handle.notesLoss() }
    /// An interrupt for the next job on this connection.
    func makeInterrupt() -> PostgresInterrupt { PostgresInterrupt(handle) }

    /// Rolls back and clears the state of the last job. False if the session cannot be used for another job.
    func settle() -> Bool {
        interrupt = nil
        forgetFailure()
        return rollBack() && handle.isIdle
    }
}
