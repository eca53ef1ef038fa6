import Bridge
import Logging
import ServiceLifecycle
import WebSockets

/// What hears Slack: the sockets, how many of them, and what reads back what they missed.
struct SocketModeServices: Sendable {
    let socketMode: SocketModeService
    let scaler: ConnectionScaler
    let backfill: Backfill
    private let loop: WebSocketEventLoop

    init(
        _ app: App, api: SlackAPI, installation: Installation, receiver: EnvelopeReceiver, health: SocketModeHealth,
        pingPolicy: PingPolicy, intervals: ConnectionScaler.Intervals, caFile: String?
    ) throws {
        let logger = app.logger
        let commands = ConnectionCommands()
        loop = try WebSocketEventLoop(logger: logger, caFile: caFile)
        scaler = ConnectionScaler(
            store: app.store, health: health, commands: commands, intervals: intervals, logger: logger)
        let backfill = Backfill(
            api: api, installation: installation, store: app.store, process: app.process, receiver: receiver,
            live: app.live, logger: logger)
        self.backfill = backfill
        socketMode = SocketModeService(
            api: api, loop: loop, pingPolicy: pingPolicy, commands: commands, health: health,
            receive: { try await receiver.receive($0) }, onGapChange: { backfill.handle($0) }, logger: logger)
    }

    /// What ends after the questions in flight, whose last words need nothing of it any more.
    var lateServices: [any Service] { [ShutdownHook { [loop] in await loop.shutdown() }] }

    /// What ends before them.
    var services: [any Service] { [socketMode, scaler, backfill] }
}
