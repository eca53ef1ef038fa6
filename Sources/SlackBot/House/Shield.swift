/// Lets a last duty be done although the task that owes it was cancelled.
enum Shield {
    /// Runs `work` where cancellation does not reach and waits for it: the unstructured task never outlives this call.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        await Task { await work() }.value
    }
}
