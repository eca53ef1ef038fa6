import Analytics
import Bridge
import Foundation
import Logging
import ServiceLifecycle
import Sockets
import UnixSignals

/// `omni run`: the house with its Slack door and side port, as one ordered list of services.
struct Bot: Sendable {
    let house: House
    let health: Health
    let sidePort: SidePort
    let intake: Intake
    let backfill: Backfill
    private let services: [any Service]

    /// Throws when a token is missing or Slack says that it is wrong; network trouble is left to the services.
    ///
    /// - Parameters:
    ///   - patience: how long an acknowledgement may wait for what the record says of a thread.
    ///   - progressDelay: see ``ThreadReply``.
    ///   - rhythm: how often the other processes are looked for.
    ///   - reloadInterval: see ``Reloader``.
    ///   - hearsHangup: whether SIGHUP means a reload; else it ends the process.
    static func build(
        _ house: House, environment: Environment, metrics: PrometheusRegistry, liveness: Liveness = Liveness(),
        patience: Duration = .milliseconds(300), progressDelay: Duration = ThreadReply.progressDelay,
        rhythm: Fleet.Rhythm = Fleet.Rhythm(), reloadInterval: Duration = Reloader.interval, hearsHangup: Bool = false
    ) async throws -> Bot {
        let settings = house.live.current
        let logger = house.logger
        guard let botToken = settings.slack.botToken, let appToken = settings.slack.appToken else {
            throw MissingTokens()
        }
        let api = SlackAPI(
            baseURL: settings.slack.apiURL, botToken: botToken, appToken: appToken, http: house.http, logger: logger)
        let installation = Installation(api: api)
        try await check(installation, logger)
        try await house.record.register(house.process)

        let readiness = Readiness()
        let sockets = SocketHealth(watch: rhythm.ghosts)
        let directory = SlackDirectory(api: api)
        let identify = Identify(
            directory: directory, live: house.live, record: house.record, installation: installation, logger: logger)
        let bell = Bell()
        let answering = SlackAnswering(
            api: api, directory: directory, identify: identify, live: house.live, record: house.record,
            bridge: house.bridge, progressDelay: progressDelay, logger: logger)
        let desk = Desk(
            record: house.record, process: house.process, drain: settings.drain, bell: bell, flights: house.flights,
            logger: logger, work: { await answering.work($0) })
        let health = Health(
            registry: house.registry, record: house.record, storeKind: house.storeKind, live: house.live,
            sockets: sockets, readiness: readiness, inFlight: { house.flights.count })
        let commands = CommandDesk(
            api: api, identify: identify, live: house.live, registry: house.registry, health: health, logger: logger)
        let intake = Intake(
            installation: installation, record: house.record, bell: bell, commands: commands, directory: directory,
            followUps: followUps(house, patience), otherProcess: OtherProcess(api: api, logger: logger), logger: logger)
        let listening = try Listening(
            house, api: api, installation: installation, intake: intake, health: sockets, liveness: liveness,
            rhythm: rhythm, caFile: environment["SSL_CERT_FILE"])
        let reloader = Reloader(house, environment: environment, hearsHangup: hearsHangup, interval: reloadInterval)
        let chat = ChatRoutes(
            asking: house.asking, readiness: readiness, identify: identify, installation: installation,
            directory: directory)
        let sidePort = sidePort(house, health, metrics, chat, reloader)
        let floor = house.floor + keeping(house) + [sidePort]
        let answers: [any Service] = [desk, commands, reloader]
        return Bot(
            house: house, health: health, sidePort: sidePort, intake: intake, backfill: listening.backfill,
            services: floor + listening.floor + answers + listening.services + [readiness])
    }

    /// What ends after the doors: what this process still holds is free for others only when no caller waits for it.
    private static func keeping(_ house: House) -> [any Service] {
        [
            StoreWatch(record: house.record), Housekeeping(record: house.record, logger: house.logger),
            Closing { await leave(house) },
        ]
    }

    private static func sidePort(
        _ house: House, _ health: Health, _ metrics: PrometheusRegistry, _ chat: ChatRoutes, _ reloader: Reloader
    ) -> SidePort {
        let tools = ToolRoutes(asking: house.asking, registry: house.registry, readiness: health.readiness)
        let admin = AdminRoutes(
            roster: Roster(record: house.record, live: house.live), registry: house.registry, record: house.record,
            reloader: reloader, live: house.live, storeKind: house.storeKind, readiness: health.readiness)
        return SidePort(
            settings: house.live.current.sidePort, health: health, metrics: metrics, chat: chat, tools: tools,
            admin: admin, logger: house.logger)
    }

    private static func followUps(_ house: House, _ patience: Duration) -> FollowUps {
        let live = house.live
        return FollowUps(
            record: house.record, rule: { live.current.threading.followUp }, patience: patience, logger: house.logger)
    }

    /// The services as one group: runs until one of the signals, until a service ends, or until it is told to stop. A
    /// stop that takes too long becomes a cancellation.
    func group(stoppingAt signals: [UnixSignal] = [.sigterm, .sigint]) -> ServiceGroup {
        let drain = house.live.current.drain
        let services = services.map {
            ServiceGroupConfiguration.ServiceConfiguration(
                service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: signals, logger: house.logger)
        configuration.maximumGracefulShutdownDuration = drain + .seconds(20)
        // Past it the whole process is ended: right for one that obeys signals, not for one that is only a guest in its
        // process, as in tests.
        configuration.maximumCancellationDuration = signals.isEmpty ? nil : .seconds(10)
        return ServiceGroup(configuration: configuration)
    }

    /// From here on the others want no connections of this process any more.
    private static func leave(_ house: House) async {
        do {
            try await house.record.remove(house.process)
        } catch {
            house.logger.warning("The record still counts this process.", metadata: ["error": "\(error)"])
        }
    }

    private static func check(_ installation: Installation, _ logger: Logger) async throws {
        do {
            let identity = try await installation.identity()
            logger.info("Slack knows the bot.", metadata: ["team": "\(identity.team)", "bot": "\(identity.userID)"])
        } catch let error as SlackError where !error.isFatal {
            logger.warning("Slack cannot be asked yet; it is tried again.", metadata: ["error": "\(error)"])
        }
    }
}

/// `omni run` without tokens.
struct MissingTokens: Error, CustomStringConvertible {
    var description: String {
        "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are not set. Write them to .env (see .env.example), or run `make demo` to "
            + "try Omni without Slack."
    }
}
