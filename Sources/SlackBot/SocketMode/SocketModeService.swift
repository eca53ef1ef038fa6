import Bridge
import Logging
import ServiceLifecycle
import WebSockets

/// Keeps the commanded number of Socket Mode connections open; has each envelope stored, then acknowledges it. Network
/// errors do not end it, only graceful shutdown does.
struct SocketModeService: Service {
    let api: SlackAPI
    let loop: WebSocketEventLoop
    let pingPolicy: PingPolicy
    /// Sets the number of connections; the service opens none before the first command.
    let commands: ConnectionCommands
    let health: SocketModeHealth
    /// Handles an envelope and returns its acknowledgement. After an error it is not acknowledged, so that Slack
    /// delivers it again.
    let receive: @Sendable (Envelope) async throws -> Acknowledgement
    /// Called when the first connection is live, and with each gap.
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
