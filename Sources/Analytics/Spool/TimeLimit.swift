import Bridge

/// Work on a store that may hang instead of failing.
enum TimeLimit {
    /// Returns what the work returns, or throws ``StoreError`` `.timeout` after `limit`: the work is cancelled then and not
    /// waited for, and may have happened or not. It ends when the database has cut its connection (the pool's
    /// `cancelGrace`) or a lock's time is over (the busy timeout). Throws `.cancelled` at once when the caller is cancelled.
    static func run<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let timeout = StoreError(.timeout, "the store did not answer within \(limit)")
        do {
            return try await withDeadline(limit, throwing: timeout, work)
        } catch is CancellationError {
            throw StoreError(.cancelled, "the work on the store was cancelled")
        }
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
