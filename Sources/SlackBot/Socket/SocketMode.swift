import Bridge
import Logging
import ServiceLifecycle
import Sockets

/// Hears Slack: keeps as many Socket Mode connections alive as it is told, has every envelope stored, then acknowledges
/// it. Network trouble never ends it; only shutdown does.
struct SocketMode: Service {
    let api: SlackAPI
    let loop: SocketLoop
    let liveness: Liveness
    /// How many connections are wanted; the first order is waiting when the service starts.
    let orders: SocketOrders
    let health: SocketHealth
    /// Stores what the envelope means; returns when it may be acknowledged. A throw leaves it unacknowledged, so that
    /// Slack delivers it again.
    let receive: @Sendable (Envelope) async throws -> Void
    /// Is told when Slack is heard at last, and what may have been missed.
    let hears: @Sendable (Hearing.Change) -> Void
    let logger: Logger

    func run() async throws {
        await withDiscardingTaskGroup { group in
            var plan = LanePlan()
            var runners: [Int: LaneRunner] = [:]
            for await order in orders.stream.cancelOnGracefulShutdown() {
                switch order {
                case .want(let count):
                    for step in plan.want(count, live: health.state.live) {
                        switch step {
                        case .begin(let lane):
                            let runner = LaneRunner(mode: self, lane: lane)
                            runners[lane] = runner
                            group.addTask { await runner.run() }
                        case .end(let lane): runners.removeValue(forKey: lane)?.tell(.stop)
                        }
                    }
                case .renew: plan.lanes.first.flatMap { runners[$0] }?.tell(.renew)
                }
            }
        }
    }

    func changed(_ change: Hearing.Change?) {
        if let change { hears(change) }
    }

    func changed(_ change: GhostWatch.Change?) {
        switch change {
        case .appeared(let count):
            logger.warning(
                """
                Slack counts more connections of this app than there are here. They take a share of the events: look \
                for another program with the same token; a dead connection goes by itself.
                """, metadata: ["connections": "\(count)"])
        case .vanished: logger.info("Slack counts no connection any more that is not known here.")
        case nil: break
        }
    }
}
