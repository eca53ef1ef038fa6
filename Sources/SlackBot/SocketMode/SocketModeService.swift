import Bridge
import Logging
import ServiceLifecycle
import WebSockets

/// Hears Slack: keeps as many Socket Mode connections alive as it is told, has every envelope stored, then acknowledges
/// it. Network trouble never ends it; only shutdown does.
struct SocketModeService: Service {
    let api: SlackAPI
    let loop: WebSocketEventLoop
    let pingPolicy: PingPolicy
    /// How many connections are wanted; the first order is waiting when the service starts.
    let commands: ConnectionCommands
    let health: SocketModeHealth
    /// Stores what the envelope means; returns when it may be acknowledged. A throw leaves it unacknowledged, so that
    /// Slack delivers it again.
    let receive: @Sendable (Envelope) async throws -> Void
    /// Is told when Slack is heard at last, and what may have been missed.
    let onGapChange: @Sendable (GapDetector.Change) -> Void
    let logger: Logger

    func run() async throws {
        await withDiscardingTaskGroup { group in
            var plan = ConnectionSlotPlan()
            var runners: [Int: ConnectionSlotRunner] = [:]
            for await command in commands.stream.cancelOnGracefulShutdown() {
                switch command {
                case .want(let count):
                    for step in plan.want(count, live: health.state.live) {
                        switch step {
                        case .begin(let slot):
                            let runner = ConnectionSlotRunner(mode: self, slot: slot)
                            runners[slot] = runner
                            group.addTask { await runner.run() }
                        case .end(let slot): runners.removeValue(forKey: slot)?.send(.stop)
                        }
                    }
                case .renew: plan.slots.first.flatMap { runners[$0] }?.send(.renew)
                }
            }
        }
    }

    func changed(_ change: GapDetector.Change?) {
        if let change { onGapChange(change) }
    }

    func changed(_ change: UnknownConnectionDetector.Change?) {
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
