import Analytics
import Bridge
import Logging
import ServiceLifecycle

/// Stores the state and the tools of the MCP servers every minute, for the reports and for SQL on `mcp_servers`.
struct ServerStatusRecorder: Service {
    let store: Store
    let registry: ToolRegistry
    let live: LiveSettings
    let logger: Logger
    var interval = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A server that is starting has nothing to store yet; the first look waits for it for a moment.
                await registry.settled(within: .seconds(5))
                do {
                    try await record()
                } catch {
                    logger.debug("The state of the servers was not stored.", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    private func record() async throws {
        let catalogue = registry.catalogue
        let addresses = Dictionary(
            live.current.servers.map { ($0.name, Self.address(of: $0.transport)) },
            uniquingKeysWith: { first, _ in first })
        for status in catalogue.servers where status.state != .starting {
            let tools = catalogue.tools.filter { $0.name.server == status.name }
            // The tools of a server that is unhealthy or disabled are not known, rather than gone.
            let isKnown = status.state == .healthy || status.state == .degraded
            try await store.observed(status, url: addresses[status.name] ?? "", tools: isKnown ? tools : nil)
        }
        try await store.observedServers(catalogue.servers.map(\.name))
    }

    /// Scheme, host and port of the address, or the command without its arguments: the rest may hold secrets.
    private static func address(of transport: ServerConfiguration.Transport) -> String {
        switch transport {
        case .http(let url), .sse(let url): ConfigJSON.origin(url)
        case .stdio(let command, _, _, _): command
        }
    }
}
