/// Lets one child of a task group be cancelled from outside: a group can only cancel all its children.
final class StopSwitch: Sendable {
    private let off: AsyncStream<Never>
    private let lever: AsyncStream<Never>.Continuation

    init() { (off, lever) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1)) }

    /// Cancels what runs, or will run, under this switch. Idempotent.
    func pull() { lever.finish() }

    /// Runs `body` until it returns; the switch and the cancellation of this task cancel it.
    func run(_ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await body() }
            group.addTask { for await _ in self.off {} }
            await group.next()
            group.cancelAll()
        }
    }
}
