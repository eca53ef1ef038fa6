import Bridge

/// Limits the time of work on a store that may not answer.
enum StoreTimeout {
    /// Returns what the work returns. After `limit` it cancels the work, does not wait for it and throws ``StoreError``
    /// `.timeout`: the work has happened or has not. The work itself ends when the pool has cut its connection
    /// (`cancelGrace`) or SQLite's busy timeout is over. Throws `.cancelled` at once if the caller is cancelled.
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
