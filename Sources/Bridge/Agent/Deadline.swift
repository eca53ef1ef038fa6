/// Stops work that takes too long, and waits until it has stopped.
enum Deadline {
    /// Runs `work`; when it is not done within the time it is cancelled, and what it returns then goes through
    /// `overdue`. Work that ends in time, or that was cancelled from outside, is returned as it is.
    static func run<Value: Sendable>(
        within limit: Duration, work: @escaping @Sendable () async -> Value, overdue: (Value) -> Value
    ) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await AlarmClock.sleep(for: limit)
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
            return isLate ? overdue(value) : value
        }
    }
}
