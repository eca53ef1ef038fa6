/// Tells one reader that something has changed. Changes that the reader has not seen count as one.
package struct ChangeSignal: Sendable {
    /// One element for all changes since the last one was read; ends with ``finish()``.
    package let changes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Never waits.
    package func send() { continuation.yield() }

    /// Ends ``changes``; a change that was not read is read before.
    package func finish() { continuation.finish() }

    /// Returns at the next change, at that time (nil: none), or when the task is cancelled.
    package func wait(until time: ContinuousClock.Instant?) async {
        await withDiscardingTaskGroup { group in
            if let time {
                group.addTask {
                    try? await Task.sleep(until: time, clock: .continuous)
                    // To cancel the reader in place of this would end the stream.
                    if !Task.isCancelled { continuation.yield() }
                }
            }
            for await _ in changes { break }
            group.cancelAll()
        }
    }
}
