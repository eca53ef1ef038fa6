import Analytics
import Bridge
import Foundation
import Logging
import Metrics
import ServiceLifecycle
import WebSockets

/// The composition root: the only place that names all modules. Builds what every command shares, in order; the first
/// thing that cannot be built throws.
struct App: Sendable {
    let live: LiveSettings
    let http: HTTPClient
    let store: Store
    let storeKind: String
    let registry: ToolRegistry
    let bridge: Bridge
    let process: ProcessRow
    /// What this process works on.
    let inFlight = InFlightQuestions()
    let logger: Logger

    /// - Parameters:
    ///   - processName: the same after a restart, and of one process at a time.
    ///   - spools: it goes on while its store is away, as `omni run` does; commands fail then.
    static func build(
        _ settings: Settings, environment: EnvironmentVariables, processName: String, spools: Bool = false,
        logger: Logger
    ) async throws -> App {
        let live = LiveSettings(settings)
        // Over HTTP/1.1 every question that waits for its model holds a connection.
        let http = HTTPClient(
            HTTPClient.Configuration(
                caFile: environment["SSL_CERT_FILE"],
                maxConnectionsPerHost: QuestionDispatcher.capacity + InFlightQuestions.callerLimit),
            logger: logger)
        let location = try StoreLocation(
            databaseURL: settings.store.databaseURL?.revealed, dataFolder: settings.dataFolder)
        let store =
            spools
            ? try await Store.open(location, spoolFolder: "\(settings.dataFolder)/spool", logger: logger)
            : try await Store.open(location, logger: logger)
        let registry = ToolRegistry(
            servers: settings.servers, identity: MCPImplementation(name: "omni", version: Version.current), http: http,
            logger: logger)
        let rightsNow = RightsNow(store: store, live: live)
        let bridge = Bridge(
            registry: registry,
            model: try ModelClientFactory.makeModel(
                settings.model, http: http, offline: { OfflineModel() }, logger: logger),
            conversations: store, journal: store, currentRights: { await rightsNow.of($0) }, logger: logger)
        let process = ProcessRow(
            name: processName, host: ProcessPlace.here, pid: ProcessInfo.processInfo.processIdentifier,
            version: Version.current)
        return App(
            live: live, http: http, store: store, storeKind: "\(location)", registry: registry, bridge: bridge,
            process: process, logger: logger)
    }

    var questionService: QuestionService {
        QuestionService(store: store, process: process, bridge: bridge, live: live, inFlight: inFlight, logger: logger)
    }

    /// The services under every command, in their order: a stop goes from the last to the first.
    var baseServices: [any Service] {
        [ShutdownHook { await store.close() }, http, registry]
    }
}
