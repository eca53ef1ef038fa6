import Analytics
import Bridge
import Foundation
import Logging
import Metrics
import ServiceLifecycle
import WebSockets

/// The composition root: the only type that names all modules. Builds the parts that every command shares.
struct App: Sendable {
    let live: LiveSettings
    let http: HTTPClient
    let store: Store
    let storeKind: String
    let registry: ToolRegistry
    let bridge: Bridge
    let process: ProcessRow
    /// What the administrators' channel is to be told; ``AdminAlertService`` sends it.
    let alerts: AdminAlerts
    /// The questions that this process works on.
    let inFlight = InFlightQuestions()
    let logger: Logger

    /// Throws when the store, the model client or the configuration of one cannot be made.
    ///
    /// - Parameters:
    ///   - processName: stable across restarts and unique among the running processes.
    ///   - spools: whether the store has a spool, so that the process goes on while the database is unavailable
    ///     (`omni run`). Without a spool every call of the store fails then (the other commands).
    static func build(
        _ settings: Settings, environment: EnvironmentVariables, processName: String, spools: Bool = false,
        logger: Logger
    ) async throws -> App {
        let live = LiveSettings(settings)
        // With HTTP/1.1 each question that waits for its model occupies one connection.
        let http = HTTPClient(
            HTTPClient.Configuration(
                caFile: environment["SSL_CERT_FILE"],
                maxConnectionsPerHost: QuestionDispatcher.capacity + InFlightQuestions.callerLimit),
            logger: logger)
        let location = try settings.storeLocation()
        let calendar = ReportingCalendar(timeZone: settings.timeZone)
        let store =
            spools
            ? try await Store.open(
                location, spoolFolder: "\(settings.dataFolder)/spool", calendar: calendar, logger: logger)
            : try await Store.open(location, calendar: calendar, logger: logger)
        let registry = ToolRegistry(
            servers: settings.servers, identity: MCPImplementation(name: "omni", version: Version.current), http: http,
            logger: logger)
        if settings.analyticsTools.isEnabled {
            registry.add(
                HandlerToolSource(
                    AnalyticsTools(store: store), server: Policy.analyticsServer,
                    timeout: settings.analyticsTools.timeout),
                displayName: "Omni analytics")
        }
        if settings.asksBack { registry.add(AskBackTool(), displayName: "Questions back to the asker") }
        let alerts = AdminAlerts()
        let rightsNow = RightsNow(store: store, live: live)
        let bridge = Bridge(
            registry: registry,
            model: try ModelClientFactory.makeModel(
                settings.model, http: http, offline: { OfflineModel() }, logger: logger),
            conversations: store, journal: store, currentRights: { await rightsNow.of($0) },
            onFailure: { alerts.take($0) }, logger: logger)
        let process = ProcessRow(
            name: processName, host: ProcessPlace.here, pid: ProcessInfo.processInfo.processIdentifier,
            version: Version.current)
        return App(
            live: live, http: http, store: store, storeKind: "\(location)", registry: registry, bridge: bridge,
            process: process, alerts: alerts, logger: logger)
    }

    var worker: QuestionWorker {
        QuestionWorker(store: store, bridge: bridge, live: live, inFlight: inFlight, logger: logger)
    }

    /// Takes questions and direct calls of HTTP and of the command line.
    var questionService: QuestionService {
        QuestionService(store: store, process: process, worker: worker, live: live, inFlight: inFlight, logger: logger)
    }

    /// The services that every command needs, in start order; a graceful shutdown goes from the last to the first.
    var baseServices: [any Service] {
        [ShutdownHook { await store.close() }, http, registry]
    }
}
