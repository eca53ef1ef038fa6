/// Runs work that can be cancelled on its own from another task; a task group can only cancel all its children.
final class CancellationScope: Sendable {
    private let cancellation: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() { (cancellation, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1)) }

    /// Cancels the work that runs, or will run, in this scope. Idempotent.
    func cancel() { continuation.finish() }

    /// Runs `body` and returns when it has returned. ``cancel()`` and cancellation of the calling task cancel it.
    func run(_ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await body() }
            group.addTask { for await _ in self.cancellation {} }
            await group.next()
            group.cancelAll()
        }
    }
}
