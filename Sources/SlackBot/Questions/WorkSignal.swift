import Bridge
import NIOConcurrencyHelpers

/// Coalescing signal that questions are ready to be claimed. Several signals before the dispatcher reads are one.
struct WorkSignal: Sendable {
    /// Signals that were not taken yet.
    private struct Pending {
        var ids: [ULID] = []
        var isPoll = false
    }

    private let sent = ChangeSignal()
    /// What was signalled since the last ``take()``.
    private let pending = NIOLockedValueBox(Pending())

    /// One element for all signals since the last one was read. For one reader.
    var signals: AsyncStream<Void> { sent.changes }

    /// Signals that the store is to be polled for claimable questions.
    func send() {
        pending.withLockedValue { $0.isPoll = true }
        sent.send()
    }

    /// Signals that this question was stored.
    func send(for id: ULID) {
        pending.withLockedValue { $0.ids.append(id) }
        sent.send()
    }

    /// Ends ``signals``.
    func finish() { sent.finish() }

    /// The questions that were signalled since the last call, and whether a poll was.
    func take() -> (ids: [ULID], isPoll: Bool) {
        pending.withLockedValue { pending in
            defer { pending = Pending() }
            return (pending.ids, pending.isPoll)
        }
    }
}
