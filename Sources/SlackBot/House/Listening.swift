import Bridge
import Logging
import ServiceLifecycle
import Sockets

/// What hears Slack: the sockets, how many of them, and what reads back what they missed.
struct Listening: Sendable {
    let socketMode: SocketMode
    let fleet: Fleet
    let backfill: Backfill
    private let loop: SocketLoop

    init(
        _ house: House, api: SlackAPI, installation: Installation, intake: Intake, health: SocketHealth,
        liveness: Liveness, rhythm: Fleet.Rhythm, caFile: String?
    ) throws {
        let logger = house.logger
        let orders = SocketOrders()
        loop = try SocketLoop(logger: logger, caFile: caFile)
        fleet = Fleet(record: house.record, health: health, orders: orders, rhythm: rhythm, logger: logger)
        let backfill = Backfill(
            api: api, installation: installation, record: house.record, process: house.process, intake: intake,
            live: house.live, logger: logger)
        self.backfill = backfill
        socketMode = SocketMode(
            api: api, loop: loop, liveness: liveness, orders: orders, health: health,
            receive: { try await intake.receive($0) }, hears: { backfill.hears($0) }, logger: logger)
    }

    /// What ends after the questions in flight, whose last words need nothing of it any more.
    var floor: [any Service] { [Closing { [loop] in await loop.shutdown() }] }

    /// What ends before them.
    var services: [any Service] { [socketMode, fleet, backfill] }
}
