import Foundation
import NIOConcurrencyHelpers

/// How well Slack is heard: what the lanes tell, for health, `/omni-status` and back-fill.
final class SocketHealth: Sendable {
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
        var ghosts = 0
        /// What an operator must mend.
        var problem: String?
        var events = EventFlow.Figure()
    }

    private struct Inner {
        var quota = SocketQuota(processes: 1)
        var isWanted = false
        var hearing = Hearing()
        /// Open connections of this process by lane, the ones that drain or wait for hello among them.
        var open: [Int: Int] = [:]
        var reported: Int?
        var watch: GhostWatch
        var flow = EventFlow()
        var problem: String?
    }

    private let box: NIOLockedValueBox<Inner>
    private let start = ContinuousClock.now

    init(watch: GhostWatch = GhostWatch()) { box = NIOLockedValueBox(Inner(watch: watch)) }

    private var now: Duration { ContinuousClock.now - start }

    var state: State {
        let now = now
        return box.withLockedValue { inner in
            var state = State()
            state.wanted = inner.isWanted ? inner.quota.perProcess : 0
            state.wantedTotal = inner.isWanted ? inner.quota.total : 0
            state.live = inner.hearing.live
            state.reported = inner.reported
            state.ghosts = inner.watch.ghosts
            state.problem = inner.problem
            state.events = inner.flow.figure(at: now)
            return state
        }
    }

    func want(_ quota: SocketQuota) {
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
    func lane(_ lane: Int, isLive: Bool, open: Int, proven: Date) -> Hearing.Change? {
        box.withLockedValue { inner in
            inner.open[lane] = open > 0 ? open : nil
            guard isLive else {
                inner.hearing.isLost(lane, proven: proven)
                return nil
            }
            inner.problem = nil
            return inner.hearing.isLive(lane, at: Date())
        }
    }

    func wasSilent(since proven: Date) -> Hearing.Change? {
        box.withLockedValue { $0.hearing.wasSilent(since: proven, at: Date()) }
    }

    /// Slack counted the app's connections in a hello.
    func counted(_ reported: Int) -> GhostWatch.Change? {
        let now = now
        return box.withLockedValue { inner in
            inner.reported = reported
            // While a lane replaces a connection it has one more than it wants.
            let own = max(inner.open.values.reduce(0, +), inner.quota.perProcess)
            let others = inner.quota.total - inner.quota.perProcess
            return inner.watch.counted(reported, expected: own + others, at: now)
        }
    }

    /// Whether a connection must be renewed so that Slack counts again.
    func wantsCount() -> Bool {
        let now = now
        return box.withLockedValue { $0.watch.wantsCount(at: now) }
    }

    func heard(_ envelope: Envelope) {
        let now = now
        box.withLockedValue { $0.flow.heard(isRedelivery: envelope.retryAttempt > 0, at: now) }
        SocketMeter.heard(envelope)
    }

    func acknowledged(after wait: Duration) {
        box.withLockedValue { $0.flow.acknowledged(after: wait) }
        SocketMeter.acknowledged(after: wait)
    }
}
