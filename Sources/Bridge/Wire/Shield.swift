/// Lets a last duty be done although the task that owes it was cancelled.
package enum Shield {
    /// Runs `work` where cancellation does not reach and waits for it: the unstructured task never outlives this call.
    package static func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        // An unstructured task inherits the task's values, but not where it prefers to run.
        await Task(executorPreference: CurlLoop.host) { await work() }.value
    }
}
