/// Runs `work` in an unstructured task, so that cancellation of the caller does not reach it, and awaits it. (SE-0504
/// adds `withTaskCancellationShield` in Swift 6.4.)
package func withCancellationShield<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
    // Unstructured, because cancellation reaches every child task. It does not outlive this call.
    await Task { await work() }.value
}

/// Shields `work` for at most `grace` after the caller was cancelled, then cancels it. Returns when `work` has
/// returned, also when it ignores its cancellation.
package func withCancellationShield<Value: Sendable>(
    lasting grace: Duration, _ work: @escaping @Sendable () async -> Value
) async -> Value {
    let (cancellations, continuation) = AsyncStream.makeStream(of: Void.self)
    return await withTaskCancellationHandler {
        await withCancellationShield { () async -> Value in
            // Unstructured, so that it can be cancelled on its own. It does not outlive this call.
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
