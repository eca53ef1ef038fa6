/// Tells one reader that something has changed. Changes that the reader has not seen count as one.
struct ChangeSignal: Sendable {
    private let changes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Never waits.
    func send() { continuation.yield() }

    /// Returns at the next change, at that time (nil: none), or when the task is cancelled.
    func wait(until time: ContinuousClock.Instant?) async {
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
