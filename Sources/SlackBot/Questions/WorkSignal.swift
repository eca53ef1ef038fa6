import Bridge
import NIOConcurrencyHelpers

/// Coalescing signal that questions can be claimed. Several signals before the dispatcher reads are one.
struct WorkSignal: Sendable {
    private struct Pending {
        var ids: [ULID] = []
        var isPoll = false
    }

    let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    /// Never longer than what was stored since the last answer.
    private let pending = NIOLockedValueBox(Pending())

    init() { (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// The store should be polled.
    func send() {
        pending.withLockedValue { $0.isPoll = true }
        continuation.yield()
    }

    /// This question was stored.
    func send(for id: ULID) {
        pending.withLockedValue { $0.ids.append(id) }
        continuation.yield()
    }

    /// Ends ``signals``.
    func finish() { continuation.finish() }

    /// What was rung for since the last answer.
    func take() -> (ids: [ULID], isPoll: Bool) {
        pending.withLockedValue { pending in
            defer { pending = Pending() }
            return (pending.ids, pending.isPoll)
        }
    }
}
