import Analytics
import Bridge
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals
import WebSockets

/// The bot of `omni run`: ``App``, Socket Mode and the side port as one ordered list of services.
struct Bot: Sendable {
    let app: App
    let health: Health
    let sidePort: SidePort
    let listeners: ListenerTable
    let acceptor: QuestionAcceptor
    let backfill: Backfill
    private let services: [any Service]

    /// Throws ``MissingTokens``, a fatal ``SlackError`` (a token that Slack refuses), and ``StoreError`` when the
    /// process cannot be registered or the audit key is none. Other errors of Slack are left to the services, which
    /// retry.
    ///
    /// - Parameters:
    ///   - problems: what the start found in the configuration files.
    ///   - followUpTimeout: how long an acknowledgement may wait for the thread's last question from the store.
    ///   - progressDelay: see ``EditedReply`` and ``StreamReply``.
    ///   - streamLifetime: see ``AnswerStream``.
    ///   - intervals: how often the number of live processes is read.
    ///   - reloadInterval: see ``Reloader``.
    ///   - reloadsOnHUP: whether SIGHUP reloads the configuration; if false it ends the process.
    ///   - digestTiming: see ``DigestJob``.
    static func build(
        _ app: App, environment: EnvironmentVariables, problems: [ConfigProblem] = [], metrics: PrometheusRegistry,
        pingPolicy: PingPolicy = .init(), followUpTimeout: Duration = .milliseconds(300),
        progressDelay: Duration = EditedReply.progressDelay, streamLifetime: Duration = AnswerStream.lifetime,
        intervals: ConnectionScaler.Intervals = .init(), reloadInterval: Duration = Reloader.interval,
        reloadsOnHUP: Bool = false, digestTiming: DigestJob.Timing = .init()
    ) async throws -> Bot {
        let logger = app.logger
        let api = try slackAPI(app)
        let installation = Installation(api: api)
        try await check(installation, logger)
        try await app.store.register(app.process)

        let readiness = Readiness()
        let sockets = SocketModeHealth(detector: intervals.unknownConnections)
        let directory = SlackDirectory(api: api)
        let resolver = PrincipalResolver(
            directory: directory, live: app.live, store: app.store, installation: installation, logger: logger)
        let workSignal = WorkSignal()
        let (agentMessaging, deferred) = (AgentMessaging(api: api, logger: logger), DeferredWork())
        let statusLines = StatusLines(agentMessaging: agentMessaging)
        let slack = SlackEntryPoint(
            api: api, directory: directory, resolver: resolver, live: app.live, store: app.store,
            agentMessaging: agentMessaging, statusLines: statusLines, deferred: deferred,
            progressDelay: progressDelay, streamLifetime: streamLifetime, logger: logger)
        let reloader = Reloader(
            app, environment: environment, problems: problems, reloadsOnHUP: reloadsOnHUP, interval: reloadInterval)
        let homes = homes(app, api, resolver, reloader)
        let dispatcher = dispatcher(app, slack, workSignal, homes)
        let health = Health(
            registry: app.registry, store: app.store, storeKind: app.storeKind, live: app.live, sockets: sockets,
            readiness: readiness, inFlight: { app.inFlight.count })
        let acceptor = QuestionAcceptor(
            store: app.store, workSignal: workSignal, otherProcess: OtherProcess(api: api, logger: logger))
        let listeners = SlackListeners(
            app: app, api: api, acceptor: acceptor, installation: installation, resolver: resolver, health: health,
            reloader: reloader, deferred: deferred, homes: homes, agentMessaging: agentMessaging,
            followUpFilter: followUpFilter(app, followUpTimeout)
        ).table
        let socketMode = try SocketModeServices(
            app, api: api, installation: installation, listeners: listeners, acceptor: acceptor, health: sockets,
            pingPolicy: pingPolicy, intervals: intervals, caFile: environment["SSL_CERT_FILE"])
        let sidePort = sidePort(app, health, metrics, resolver, reloader)
        let services: [any Service] =
            app.baseServices + closingServices(app, api) + [try backgroundJobs(app, api, digestTiming), sidePort]
            + socketMode.lateServices + [statusLines, dispatcher, homes, deferred, reloader] + socketMode.services
        return Bot(
            app: app, health: health, sidePort: sidePort, listeners: listeners, acceptor: acceptor,
            backfill: socketMode.backfill, services: services + [readiness])
    }

    /// A question that has ended or waits is shown in its asker's Home, too.
    private static func dispatcher(
        _ app: App, _ slack: SlackEntryPoint, _ workSignal: WorkSignal, _ homes: HomePublisher
    ) -> QuestionDispatcher {
        let callers = CallerEntryPoint(users: app.questionService.users, inFlight: app.inFlight)
        let worker = app.worker
        return QuestionDispatcher(
            store: app.store, process: app.process, drain: app.live.current.drain, workSignal: workSignal,
            inFlight: app.inFlight, logger: app.logger,
            work: { claim in
                guard SlackQuestion(claim.question) != nil else {
                    await worker.work(claim, at: callers)
                    return
                }
                await worker.work(claim, at: slack)
                homes.questionChanged(of: claim.question.origin.userID)
            })
    }

    private static func homes(
        _ app: App, _ api: SlackAPI, _ resolver: PrincipalResolver, _ reloader: Reloader
    ) -> HomePublisher {
        let reader = HomeReader(
            resolver: resolver, live: app.live, registry: app.registry, store: app.store,
            problems: { reloader.last.problems }, logger: app.logger)
        return HomePublisher(reader: reader, api: api, logger: app.logger)
    }

    /// Throws ``MissingTokens``.
    private static func slackAPI(_ app: App) throws -> SlackAPI {
        let live = app.live
        let slack = live.current.slack
        guard let botToken = slack.botToken, let appToken = slack.appToken else { throw MissingTokens() }
        return SlackAPI(
            baseURL: slack.apiURL, botToken: botToken, appToken: appToken, http: app.http,
            usesEmoji: { live.current.slack.behavior.usesEmoji }, logger: app.logger)
    }

    /// The services that stop after the entry points: the process is removed from the store, which frees its claims,
    /// only after its callers have their answers.
    private static func closingServices(_ app: App, _ api: SlackAPI) -> [any Service] {
        [
            StoreMonitor(store: app.store),
            ServerStatusRecorder(store: app.store, registry: app.registry, live: app.live, logger: app.logger),
            AdminAlertService(alerts: app.alerts, api: api, live: app.live, logger: app.logger),
            ShutdownHook { await leave(app) },
        ]
    }

    /// The work of which one process does it for all. Throws ``StoreError`` when the audit key is none.
    private static func backgroundJobs(
        _ app: App, _ api: SlackAPI, _ digestTiming: DigestJob.Timing
    ) throws -> BackgroundJobs {
        let (store, logger) = (app.store, app.logger)
        let digest = DigestJob(
            api: api, store: store, live: app.live, process: app.process, timing: digestTiming, logger: logger)
        let auditKey = try SealingJob.key(app.live.current, logger: logger)
        let jobs = [
            BackgroundJob(name: "rollups", interval: .seconds(3600)) {
                try await store.ensureRollups()
                try await store.sumMonths()
            },
            RetentionJob(store: store, live: app.live, auditKey: auditKey, logger: logger).job,
            auditKey.map { SealingJob(store: store, key: $0, logger: logger).job },
            digest.job,
        ]
        return BackgroundJobs(jobs.compactMap(\.self), store: store, process: app.process, logger: logger)
    }

    private static func sidePort(
        _ app: App, _ health: Health, _ metrics: PrometheusRegistry, _ resolver: PrincipalResolver,
        _ reloader: Reloader
    ) -> SidePort {
        let chat = ChatRoutes(
            questionService: app.questionService, resolver: resolver, installation: resolver.installation,
            directory: resolver.directory)
        let tools = ToolRoutes(questionService: app.questionService, registry: app.registry)
        let admin = AdminRoutes(
            userAdministration: UserAdministration(store: app.store, live: app.live), registry: app.registry,
            store: app.store, reloader: reloader, live: app.live, storeKind: app.storeKind)
        return SidePort(
            settings: app.live.current.sidePort, health: health, metrics: metrics, chat: chat, tools: tools,
            admin: admin, analytics: AnalyticsRoutes(store: app.store), logger: app.logger)
    }

    private static func followUpFilter(_ app: App, _ followUpTimeout: Duration) -> FollowUpFilter {
        let live = app.live
        return FollowUpFilter(
            store: app.store, mode: { live.current.threading.followUp }, timeout: followUpTimeout, logger: app.logger)
    }

    /// The services as one group. It runs until one of `signals` arrives, a service ends, or a graceful shutdown is
    /// triggered. A shutdown that takes longer than `drain` and 20 s becomes a cancellation.
    func group(stoppingAt signals: [UnixSignal] = [.sigterm, .sigint]) -> ServiceGroup {
        let drain = app.live.current.drain
        let services = services.map {
            ServiceGroupConfiguration.ServiceConfiguration(
                service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: signals, logger: app.logger)
        configuration.maximumGracefulShutdownDuration = drain + .seconds(20)
        // After this time ServiceLifecycle ends the whole process. Without signals, as in tests, the process is not the
        // bot's to end.
        configuration.maximumCancellationDuration = signals.isEmpty ? nil : .seconds(10)
        return ServiceGroup(configuration: configuration)
    }

    /// Removes this process from the store: its claims become free, and the other processes no longer count it when
    /// they share out the connections.
    private static func leave(_ app: App) async {
        do {
            try await app.store.remove(app.process)
        } catch {
            app.logger.warning("The store still counts this process.", metadata: ["error": "\(error)"])
        }
    }

    /// Calls `auth.test`. Throws only a fatal ``SlackError``.
    private static func check(_ installation: Installation, _ logger: Logger) async throws {
        do {
            let identity = try await installation.identity()
            logger.info("Slack knows the bot.", metadata: ["team": "\(identity.team)", "bot": "\(identity.userID)"])
        } catch let error as SlackError where !error.isFatal {
            logger.warning("Slack cannot be asked yet; it is tried again.", metadata: ["error": "\(error)"])
        }
    }
}

/// `SLACK_BOT_TOKEN` or `SLACK_APP_TOKEN` is missing.
struct MissingTokens: Error, CustomStringConvertible {
    var description: String {
        "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are not set. Write them to .env (see .env.example), or run `make demo` to "
            + "try Omni without Slack."
    }
}
