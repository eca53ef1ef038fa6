import Foundation
import NIOConcurrencyHelpers

/// State of the Socket Mode connections, collected from the slots for health, `/omni-status` and back-fill.
/// Thread-safe.
final class SocketModeHealth: Sendable {
    /// The state at one moment.
    struct State: Sendable, Hashable {
        /// Wanted connections of this process; 0 before the first quota.
        var wanted = 0
        /// Slots with a live connection.
        var live: Set<Int> = []
        /// Wanted connections of all live processes together; 0 before the first quota.
        var wantedTotal = 0
        /// Slack's count of the app's connections, from the newest `hello` that had one.
        var reported: Int?
        /// Connections that Slack counts and that no live process accounts for; 0 until the surplus has lasted.
        var unknownConnections = 0
        /// Slack's error code that an operator must act on; nil once a connection is live again.
        var problem: String?
        var events = EnvelopeStatistics.Figure()
    }

    private struct Inner {
        var quota = ConnectionQuota(processes: 1)
        var isWanted = false
        var gapDetector = GapDetector()
        /// Open connections of this process by slot, including those that drain or wait for `hello`.
        var open: [Int: Int] = [:]
        var reported: Int?
        var detector: UnknownConnectionDetector
        var statistics = EnvelopeStatistics()
        var problem: String?
    }

    private let box: NIOLockedValueBox<Inner>
    private let start = ContinuousClock.now

    init(detector: UnknownConnectionDetector = UnknownConnectionDetector()) {
        box = NIOLockedValueBox(Inner(detector: detector))
    }

    private var now: Duration { ContinuousClock.now - start }

    var state: State {
        let now = now
        return box.withLockedValue { inner in
            var state = State()
            state.wanted = inner.isWanted ? inner.quota.perProcess : 0
            state.wantedTotal = inner.isWanted ? inner.quota.total : 0
            state.live = inner.gapDetector.live
            state.reported = inner.reported
            state.unknownConnections = inner.detector.unknownConnections
            state.problem = inner.problem
            state.events = inner.statistics.figure(at: now)
            return state
        }
    }

    func want(_ quota: ConnectionQuota) {
        box.withLockedValue { inner in
            inner.quota = quota
            inner.isWanted = true
        }
    }

    func problem(_ code: String) { box.withLockedValue { $0.problem = code } }

    /// Records a slot's state after an event.
    ///
    /// - Parameters:
    ///   - open: its open connections.
    ///   - proven: the time until which the connection that it lost is known to have been alive; now for one that it
    ///     still has.
    func slot(_ slot: Int, isLive: Bool, open: Int, proven: Date) -> GapDetector.Change? {
        box.withLockedValue { inner in
            inner.open[slot] = open > 0 ? open : nil
            guard isLive else {
                inner.gapDetector.isLost(slot, proven: proven)
                return nil
            }
            inner.problem = nil
            return inner.gapDetector.isLive(slot, at: Date())
        }
    }

    /// A connection ended because no pong arrived; `proven` is the time of its last sign of life.
    func wasSilent(since proven: Date) -> GapDetector.Change? {
        box.withLockedValue { $0.gapDetector.wasSilent(since: proven, at: Date()) }
    }

    /// Records Slack's count of the app's connections from a `hello`.
    func counted(_ reported: Int) -> UnknownConnectionDetector.Change? {
        let now = now
        return box.withLockedValue { inner in
            inner.reported = reported
            // While a slot replaces a connection it has one more than its quota.
            let own = max(inner.open.values.reduce(0, +), inner.quota.perProcess)
            let others = inner.quota.total - inner.quota.perProcess
            return inner.detector.counted(reported, expected: own + others, at: now)
        }
    }

    /// Whether a connection must be renewed so that Slack counts again. A true result counts as an attempt.
    func wantsCount() -> Bool {
        let now = now
        return box.withLockedValue { $0.detector.wantsCount(at: now) }
    }

    func received(_ envelope: Envelope) {
        let now = now
        box.withLockedValue { $0.statistics.received(isRedelivery: envelope.retryAttempt > 0, at: now) }
        SocketModeMetrics.received(envelope)
    }

    func acknowledged(after wait: Duration) {
        box.withLockedValue { $0.statistics.acknowledged(after: wait) }
        SocketModeMetrics.acknowledged(after: wait)
    }
}
