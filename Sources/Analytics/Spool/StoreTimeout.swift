import Bridge

/// Work on a store that may hang instead of failing.
enum StoreTimeout {
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
