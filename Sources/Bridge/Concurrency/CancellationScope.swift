/// Lets one child of a task group be cancelled from outside: a group can only cancel all its children.
final class CancellationScope: Sendable {
    private let cancellation: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() { (cancellation, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1)) }

    /// Cancels what runs, or will run, under this switch. Idempotent.
    func cancel() { continuation.finish() }

    /// Runs `body` until it returns; the switch and the cancellation of this task cancel it.
    func run(_ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await body() }
            group.addTask { for await _ in self.cancellation {} }
            await group.next()
            group.cancelAll()
        }
    }
}
