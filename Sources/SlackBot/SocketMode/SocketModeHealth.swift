import Foundation
import NIOConcurrencyHelpers

/// How well Slack is heard: what the lanes tell, for health, `/omni-status` and back-fill.
final class SocketModeHealth: Sendable {
    /// What is shown of it at one moment.
    struct State: Sendable, Hashable {
        /// Connections that this process wants.
        var wanted = 0
        /// Lanes with a live connection.
        var live: Set<Int> = []
        /// Connections that all live processes want together.
        var wantedTotal = 0
        /// Slack's own count of the app's connections, from the newest hello.
        var reported: Int?
        /// Connections that Slack counts and nobody here knows of, once they have lasted.
        var unknownConnections = 0
        /// What an operator must mend.
        var problem: String?
        var events = EnvelopeStatistics.Figure()
    }

    private struct Inner {
        var quota = ConnectionQuota(processes: 1)
        var isWanted = false
        var gapDetector = GapDetector()
        /// Open connections of this process by lane, the ones that drain or wait for hello among them.
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

    /// A lane's state after something happened to it.
    ///
    /// - Parameters:
    ///   - open: its open connections.
    ///   - proven: until when the connection that it lost was known to be alive; now for one that it still has.
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

    func wasSilent(since proven: Date) -> GapDetector.Change? {
        box.withLockedValue { $0.gapDetector.wasSilent(since: proven, at: Date()) }
    }

    /// Slack counted the app's connections in a hello.
    func counted(_ reported: Int) -> UnknownConnectionDetector.Change? {
        let now = now
        return box.withLockedValue { inner in
            inner.reported = reported
            // While a lane replaces a connection it has one more than it wants.
            let own = max(inner.open.values.reduce(0, +), inner.quota.perProcess)
            let others = inner.quota.total - inner.quota.perProcess
            return inner.detector.counted(reported, expected: own + others, at: now)
        }
    }

    /// Whether a connection must be renewed so that Slack counts again.
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
