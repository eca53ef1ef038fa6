/// Cancels work from another task, now or before it begins; a task group can only cancel all its children. For one
/// ``run(_:)``: its end ends the stream that it waits for.
package final class CancellationScope: Sendable {
    private let cancellation: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    package init() { (cancellation, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1)) }

    /// Cancels the work that runs, or will run, in this scope. Idempotent.
    package func cancel() { continuation.finish() }

    /// Runs `work` and returns when it has returned. ``cancel()`` and cancellation of the calling task cancel it.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        let cancellation = cancellation
        return await withCancellation(after: { for await _ in cancellation {} }, work).value
    }
}
