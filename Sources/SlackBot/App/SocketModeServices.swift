import Bridge
import Logging
import ServiceLifecycle
import WebSockets

/// The parts that receive from Slack: the Socket Mode connections, the scaler of their number, and the back-fill.
struct SocketModeServices: Sendable {
    let socketMode: SocketModeService
    let scaler: ConnectionScaler
    let backfill: Backfill
    private let loop: WebSocketEventLoop

    init(
        _ app: App, api: SlackAPI, installation: Installation, listeners: ListenerTable,
        acceptor: QuestionAcceptor, health: SocketModeHealth, pingPolicy: PingPolicy,
        intervals: ConnectionScaler.Intervals, caFile: String?
    ) throws {
        let logger = app.logger
        let commands = ConnectionCommands()
        loop = try WebSocketEventLoop(logger: logger, caFile: caFile)
        scaler = ConnectionScaler(
            store: app.store, health: health, commands: commands, intervals: intervals, logger: logger)
        let backfill = Backfill(
            api: api, installation: installation, store: app.store, process: app.process, acceptor: acceptor,
            live: app.live, alerts: app.alerts, logger: logger)
        self.backfill = backfill
        socketMode = SocketModeService(
            api: api, loop: loop, pingPolicy: pingPolicy, commands: commands, health: health,
            receive: { try await listeners.receive($0) }, onGapChange: { backfill.handle($0) }, logger: logger)
    }

    /// The services that stop after the questions in flight.
    var lateServices: [any Service] { [ShutdownHook { [loop] in await loop.shutdown() }] }

    /// The services that stop before the questions in flight.
    var services: [any Service] { [socketMode, scaler, backfill] }
}
