/// Runs `work` where the caller's cancellation does not reach it, and waits for it: for what must be done also when the
/// task that owes it was cancelled. (SE-0504 brings `withTaskCancellationShield` with Swift 6.4.)
package func withCancellationShield<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
    // Unstructured, as cancellation reaches every child task; it never outlives this call.
    await Task { await work() }.value
}
