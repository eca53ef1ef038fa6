import Bridge

/// Work on a store that may hang instead of failing.
enum TimeLimit {
    /// Gives what the work gives, or throws ``StoreError`` `.timeout` after `limit`: the work is cancelled then and not
    /// waited for, and may have happened or not. Throws `.cancelled` at once when the caller is cancelled.
    static func run<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let (results, feed) = AsyncStream.makeStream(
            of: Result<Value, any Error>.self, bufferingPolicy: .bufferingOldest(1))
        // Unstructured, because a task group would wait for a server that says nothing. Both end by themselves: the
        // clock when it is cancelled below, the work when the database has cut its connection (the pool's cancelGrace)
        // or a lock's time is over (the busy timeout).
        let job = Task {
            do {
                feed.yield(.success(try await work()))
            } catch {
                feed.yield(.failure(error))
            }
        }
        let clock = Task {
            try await AlarmClock.sleep(for: limit)
            feed.yield(.failure(StoreError(.timeout, "the store did not answer within \(limit)")))
        }
        defer {
            job.cancel()
            clock.cancel()
        }
        for await result in results { return try result.get() }
        throw StoreError(.cancelled, "the work on the store was cancelled")
    }
}

/// A database whose callers wait so long only, for one that cannot see to that by itself.
struct TimeLimited<Base: Database>: Database {
    private let base: Base
    private let limit: Duration

    init(_ base: Base, _ limit: Duration) {
        self.base = base
        self.limit = limit
    }

    var dialect: SQLDialect { base.dialect }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await TimeLimit.run(limit) { try await base.read(body) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await TimeLimit.run(limit) { try await base.write(body) }
    }

    func alone<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await TimeLimit.run(limit) { try await base.alone(body) }
    }

    func ping() async throws { try await TimeLimit.run(limit) { try await base.ping() } }

    func close() async { await base.close() }
}
