/// Runs `work` where the caller's cancellation does not reach it, and waits for it: for what must be done also when the
/// task that owes it was cancelled. (SE-0504 brings `withTaskCancellationShield` with Swift 6.4.)
package func withCancellationShield<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
    // Unstructured, as cancellation reaches every child task; it never outlives this call.
    await Task { await work() }.value
}

/// The same, for at most `grace` after the caller was cancelled: then the work is cancelled too. It is waited for in any
/// case.
package func withCancellationShield<Value: Sendable>(
    lasting grace: Duration, _ work: @escaping @Sendable () async -> Value
) async -> Value {
    let (cancellations, continuation) = AsyncStream.makeStream(of: Void.self)
    return await withTaskCancellationHandler {
        await withCancellationShield { () async -> Value in
            // Unstructured, so that it is cancelled by itself; it never outlives this call.
            let job = Task { await work() }
            return await withTaskGroup(of: Void.self) { group -> Value in
                group.addTask {
                    for await _ in cancellations {}
                    try? await Task.sleep(for: grace)
                    job.cancel()
                }
                let value = await job.value
                group.cancelAll()
                return value
            }
        }
    } onCancel: {
        continuation.finish()
    }
}
