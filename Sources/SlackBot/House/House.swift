import Analytics
import Bridge
import Foundation
import Logging
import Metrics
import ServiceLifecycle
import Sockets

/// The composition root: the only place that names all rooms. Builds what every command shares, in order; the first
/// thing that cannot be had throws.
struct House: Sendable {
    let live: LiveSettings
    let http: HTTPClient
    let record: Record
    let storeKind: String
    let registry: Registry
    let bridge: Bridge
    let process: ProcessRow
    /// What this process works on.
    let flights = Flights()
    let logger: Logger

    /// - Parameters:
    ///   - processName: the same after a restart, and of one process at a time.
    ///   - spools: it goes on while its store is away, as `omni run` does; commands fail then.
    static func build(
        _ settings: Settings, environment: Environment, processName: String, spools: Bool = false, logger: Logger
    ) async throws -> House {
        let live = LiveSettings(settings)
        // Over HTTP/1.1 every question that waits for its model holds a connection.
        let http = HTTPClient(
            HTTPClientConfiguration(
                caFile: environment["SSL_CERT_FILE"], maxConnectionsPerHost: Desk.capacity + Flights.callerLimit),
            logger: logger)
        let location = try StoreLocation(
            databaseURL: settings.store.databaseURL?.revealed, dataFolder: settings.dataFolder)
        let record =
            spools
            ? try await Record.open(location, spoolFolder: "\(settings.dataFolder)/spool", logger: logger)
            : try await Record.open(location, logger: logger)
        let registry = Registry(
            servers: settings.servers, identity: MCPImplementation(name: "omni", version: Version.current), http: http,
            logger: logger)
        let rightsNow = RightsNow(record: record, live: live)
        let bridge = Bridge(
            registry: registry,
            model: try ModelDirectory.makeModel(
                settings.model, http: http, offline: { OfflineModel() }, logger: logger),
            conversations: record, journal: record, currentRights: { await rightsNow.of($0) }, logger: logger)
        let process = ProcessRow(
            name: processName, host: ProcessPlace.here, pid: ProcessInfo.processInfo.processIdentifier,
            version: Version.current)
        return House(
            live: live, http: http, record: record, storeKind: "\(location)", registry: registry, bridge: bridge,
            process: process, logger: logger)
    }

    var asking: Asking {
        Asking(record: record, process: process, bridge: bridge, live: live, flights: flights, logger: logger)
    }

    /// The services under every command, in their order: a stop goes from the last to the first.
    var floor: [any Service] {
        [Closing { await record.close() }, http, registry]
    }
}

/// Sees when the store goes away and comes back, for as long as the house stands.
struct StoreWatch: Service {
    let record: Record

    func run() async throws {
        await cancelWhenGracefulShutdown { await record.watchStore() }
        // A record without a spool has nothing to watch, and a service ends by a stop only.
        try? await gracefulShutdown()
    }
}

/// Something that only has to be closed when everything after it has stopped.
struct Closing: Service {
    private let close: @Sendable () async -> Void

    init(_ close: @escaping @Sendable () async -> Void) { self.close = close }

    func run() async throws {
        try? await gracefulShutdown()
        // Also when the group was cancelled instead of stopped: what is open must be closed.
        await withCancellationShield(close)
    }
}
