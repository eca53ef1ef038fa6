/// A session with the server on the thread that made it: statements, their cache, and what went wrong last.
final class PostgresConnection: SQLConnection {
    private let handle: PostgresHandle
    private var statements: StatementCache
    /// The stop button of the job under way, looked at before each statement.
    var interrupt: PostgresInterrupt?
    /// The first failure since ``forgetFailure()``. A closure may have swallowed it; the transaction is gone all the
    /// same.
    private(set) var failure: StoreError?
    /// A statement prepared earlier no longer fits the tables, or is gone from the session; it has been forgotten, so
    /// the same transaction may succeed when it runs again.
    private(set) var planWasStale = false
    /// What the job under way asked for.
    var access = PostgresAccess.autocommit
    /// The server refused a write because it only reads: another host may have taken over, so the connection goes.
    private(set) var isReadOnly = false

    let dialect = SQLDialect.postgres

    /// A statement, and what must be forgotten when it turns out to be stale.
    private struct Queued {
        let statement: PostgresStatement
        /// Its text, when it was prepared by an earlier job.
        var known: String?
    }

    /// What goes to the server with the next statement.
    private var queued: [Queued] = []

    /// - Throws: ``StoreError`` when the session cannot be set up as the store needs it.
    init(_ handle: PostgresHandle, configuration: PostgresConfiguration) throws(StoreError) {
        self.handle = handle
        statements = StatementCache(capacity: configuration.preparedStatements)
        // What the decoding relies on, whatever the role or the database has as its default, and the limits.
        _ = try run(
            """
            SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';
            SET extra_float_digits = 1; SET standard_conforming_strings = on;
            SET statement_timeout = \(configuration.statementTimeout.milliseconds);
            SET idle_in_transaction_session_timeout = \(configuration.idleInTransactionTimeout.milliseconds)
            """)
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

    /// Opens a transaction with its first statement, in one round trip.
    func begin(_ sql: String) { queued = [Queued(statement: .command(sql))] }

    /// Closes the transaction and gives the command tag of what the server did; nil when nothing was sent since
    /// ``begin(_:)``.
    func commit() throws(StoreError) -> String? {
        if handle.isIdle, queued.count <= 1 {
            queued = []
            return nil
        }
        return try perform(Queued(statement: .command("COMMIT"))).commandTag
    }

    /// Sends what waits for a statement to go with.
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

    /// Undoes the transaction. False when that cannot be done.
    func rollBack() -> Bool {
        queued = []
        guard !isLost else { return false }
        guard !handle.isIdle else { return true }
        let result = handle.run("ROLLBACK")
        return handle.failure(of: result) == nil
    }

    /// Runs statements without values and without a look at ``interrupt``.
    private func run(_ sql: String) throws(StoreError) -> PostgresResult {
        let result = handle.run(sql)
        if let failure = handle.failure(of: result) { throw note(failure) }
        return result
    }

    func checkInterrupt() throws(StoreError) {
        if interrupt?.isCancelled == true { throw StoreError(.cancelled, "the work was cancelled") }
    }

    /// The first failure tells more than the server's "current transaction is aborted" for every statement after it.
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

    func forgetFailure() {
        failure = nil
        planWasStale = false
    }

    /// The server refuses everything until ROLLBACK.
    var isAborted: Bool { handle.isAborted }
    /// The connection is gone for good.
    var isLost: Bool { handle.isLost }
    /// Like ``isLost``, after a look at what the server sent meanwhile.
    func notesLoss() -> Bool { handle.notesLoss() }
    /// A stop button for the next job on this connection.
    func makeInterrupt() -> PostgresInterrupt { PostgresInterrupt(handle) }

    /// Puts the session back to where a job may begin. False when that cannot be done.
    func settle() -> Bool {
        interrupt = nil
        forgetFailure()
        return rollBack() && handle.isIdle
    }
}
