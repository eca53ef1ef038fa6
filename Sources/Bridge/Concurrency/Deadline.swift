/// What became of work with a time limit.
package struct DeadlineResult<Value: Sendable>: Sendable {
    /// What the work returned, also when it was cancelled at its deadline.
    package let value: Value
    /// Whether the time was over before the work had ended.
    package let isLate: Bool

    /// The value of work that ended within its time.
    package var inTime: Value? { isLate ? nil : value }
}

/// Runs `work`, cancels it when `limit` is over, and waits until it has ended. Work that ignores its cancellation is
/// waited for as long as it takes; for such work there is ``withDeadline(_:throwing:_:)``.
///
/// Work that the caller's own cancellation ends is not late.
package func withDeadline<Value: Sendable>(
    _ limit: Duration, clock: any Clock<Duration> = ContinuousClock(),
    _ work: @escaping @Sendable () async -> Value
) async -> DeadlineResult<Value> {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask { await work() }
        group.addTask {
            try? await clock.sleep(for: limit)
            return nil
        }
        var value: Value?
        var isLate = false
        for await result in group {
            if let result { value = result } else if value == nil, !Task.isCancelled { isLate = true }
            group.cancelAll()
        }
        // The first child always returns a value, and the loop above awaits both.
        guard let value else { preconditionFailure("the work ended without a value") }
        return DeadlineResult(value: value, isLate: isLate)
    }
}

/// Returns what `work` returns, or throws `timeout` when `limit` is over. The work is cancelled then and not waited for:
/// it may still have its effect. Throws `CancellationError` at once when the caller is cancelled.
package func withDeadline<Value: Sendable>(
    _ limit: Duration, throwing timeout: any Error, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let (results, continuation) = AsyncStream.makeStream(
        of: Result<Value, any Error>.self, bufferingPolicy: .bufferingOldest(1))
    // Unstructured, because a task group would wait for work that ignores its cancellation. Both end by themselves: the
    // timer when it is cancelled below, the work in its own time.
    let job = Task {
        do {
            continuation.yield(.success(try await work()))
        } catch {
            continuation.yield(.failure(error))
        }
    }
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
