import NIOConcurrencyHelpers
import ServiceLifecycle

/// Work that a listener leaves until its envelope is acknowledged: the responses to commands and buttons. It is held in
/// memory only, so that a process that is killed loses it. A graceful shutdown waits for what has begun.
struct DeferredWork: Service {
    typealias Work = @Sendable () async -> Void

    private let queue: AsyncStream<Work>
    private let feed: AsyncStream<Work>.Continuation
    /// The last 256 ids: Slack delivers a command again when its acknowledgement was lost.
    private let seen = NIOLockedValueBox<[String]>([])

    init() {
        // When the buffer is full the oldest work is dropped.
        (queue, feed) = AsyncStream.makeStream(of: Work.self, bufferingPolicy: .bufferingNewest(256))
    }

    /// Queues the work unless some was queued under the same id before. Never waits.
    ///
    /// - Parameter id: the `trigger_id`, or another id that a second delivery shares with the first.
    func add(_ id: String, _ work: @escaping Work) {
        let isNew = seen.withLockedValue { seen in
            guard !seen.contains(id) else { return false }
            seen.append(id)
            if seen.count > 256 { seen.removeFirst() }
            return true
        }
        if isNew { feed.yield(work) }
    }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            for await work in queue.cancelOnGracefulShutdown() {
                group.addTask { await work() }
            }
        }
    }
}
