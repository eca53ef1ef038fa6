/// The result of work with a time limit.
package struct DeadlineResult<Value: Sendable>: Sendable {
    /// The value that the work returned, also when it was cancelled at the deadline.
    package let value: Value
    /// Whether the deadline passed before the work had returned.
    package let isLate: Bool

    /// The value of work that returned before the deadline; nil otherwise.
    package var inTime: Value? { isLate ? nil : value }
}

/// Runs `work`, cancels it after `limit` and returns when it has returned. Work that ignores its cancellation is
/// awaited however long it takes; for such work see ``withDeadline(_:throwing:_:)``.
///
/// Work that ends because the caller was cancelled is not late.
package func withDeadline<Value: Sendable>(
    _ limit: Duration, clock: any Clock<Duration> = ContinuousClock(),
    _ work: @escaping @Sendable () async -> Value
) async -> DeadlineResult<Value> {
    await withCancellation(after: { try? await clock.sleep(for: limit) }, work)
}

/// Runs `work`, cancels it when `end` returns, and returns when both have returned. `end` is cancelled when the work has
/// returned. The work is late when `end` returned first and the caller was not cancelled.
func withCancellation<Value: Sendable>(
    after end: @escaping @Sendable () async -> Void, _ work: @escaping @Sendable () async -> Value
) async -> DeadlineResult<Value> {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await work() }
        group.addTask {
            await end()
            return nil
        }
        var value: Value?
        var isLate = false
        for await result in group {
            if let result { value = result } else if value == nil, !Task.isCancelled { isLate = true }
            group.cancelAll()
        }
        // The first child always returns a value, and the loop above awaits both children.
        guard let value else { preconditionFailure("the work ended without a value") }
        return DeadlineResult(value: value, isLate: isLate)
    }
}

/// Returns or throws what `work` returns or throws; throws `timeout` after `limit`, and `CancellationError` as soon as
/// the caller is cancelled. In the last two cases the work is cancelled and not awaited: it may still take effect.
package func withDeadline<Value: Sendable>(
    _ limit: Duration, throwing timeout: any Error, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let (results, continuation) = AsyncStream.makeStream(
        of: Result<Value, any Error>.self, bufferingPolicy: .bufferingOldest(1))
    // Unstructured, because a task group would await work that ignores its cancellation. The timer ends when it is
    // cancelled below; the work may outlive this call.
    let job = Task { continuation.yield(await Result(work)) }
    let timer = Task {
        try await Task.sleep(for: limit)
        continuation.yield(.failure(timeout))
    }
    defer {
        job.cancel()
        timer.cancel()
    }
    for await result in results { return try result.get() }
    throw CancellationError()
}
