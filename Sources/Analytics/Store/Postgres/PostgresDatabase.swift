import NIOConcurrencyHelpers

/// The store in PostgreSQL: a fixed pool of connections, each on a thread of its own. libpq has no pool and its calls
/// block: on the threads of Swift's cooperative pool a slow database would delay every acknowledgement.
///
/// The pool connects in the background from `init` until it is closed. While the server is unavailable jobs wait for
/// ``PostgresConfiguration/waitLimit`` and then fail with `.unavailable`. Cancelling a task removes its job from the
/// queue, or has the server cancel the statement and rolls back.
package final class PostgresDatabase: SQLDatabase {
    private let queue: PostgresJobQueue
    private let configuration: PostgresConfiguration

    package let dialect = SQLDialect.postgres

    package init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        queue = PostgresJobQueue(configuration)
        for number in 1...max(1, configuration.connections) {
            PostgresWorker(queue: queue, configuration: configuration).start(number: number)
        }
    }

    deinit { queue.beginClosing() }

    /// Runs the closure in one snapshot (REPEATABLE READ, READ ONLY). See ``SQLDatabase/read(_:)``.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await submit(.read, nil, body)
    }

    /// Runs the closure under READ COMMITTED. Repeats it after SQLSTATE 40001, 40P01 and a stale plan, at most
    /// ``PostgresConfiguration/transactionRetries`` times, and once on a new connection if the old one was lost before
    /// COMMIT was sent. See ``SQLDatabase/write(_:)``.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await submit(.write, nil, body)
    }

    /// See ``SQLDatabase/autocommit(_:)``.
    package func autocommit<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await submit(.autocommit, nil, body)
    }

    package func ping() async throws {
        _ = try await autocommit { try $0.query("SELECT 1", []) }
    }

    package func close() async {
        await queue.close()
    }

    /// See ``SQLDatabase/withTimeout(_:)``.
    package func withTimeout(_ limit: Duration) -> any SQLDatabase { Limited(base: self, limit: limit) }

    /// The same pool with a time limit for each call.
    private struct Limited: SQLDatabase {
        let base: PostgresDatabase
        let limit: Duration

        var dialect: SQLDialect { base.dialect }

        func read<Value: Sendable>(
            _ body: @escaping @Sendable (any SQLConnection) throws -> Value
        ) async throws -> Value { try await base.submit(.read, limit, body) }

        func write<Value: Sendable>(
            _ body: @escaping @Sendable (any SQLConnection) throws -> Value
        ) async throws -> Value { try await base.submit(.write, limit, body) }

        func autocommit<Value: Sendable>(
            _ body: @escaping @Sendable (any SQLConnection) throws -> Value
        ) async throws -> Value { try await base.submit(.autocommit, limit, body) }

        func ping() async throws { _ = try await autocommit { try $0.query("SELECT 1", []) } }

        func close() async { await base.close() }
    }

    private func submit<Value: Sendable>(
        _ access: PostgresAccess, _ limit: Duration?, _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        let result = NIOLockedValueBox<Value?>(nil)
        let job = PostgresJob(access, limit: limit) { connection in
            let value = try body(connection)
            result.withLockedValue { $0 = value }
        }
        let queue = queue
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if job.wait(continuation) { queue.add(job) }
            }
        } onCancel: {
            job.cancel(grace: configuration.cancelGrace)
        }
        guard let value = result.withLockedValue({ $0 }) else {
            throw StoreError(.other, "the work ended without a result")
        }
        return value
    }
}
