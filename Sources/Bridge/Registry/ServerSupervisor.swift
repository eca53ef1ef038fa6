import Logging

/// Supervises one tool source: its connection, its list of tools, its health. Reports changes to the registry.
final class ServerSupervisor: Sendable {
    let source: any ToolSource
    /// nil for tools in this process, which have no connection.
    private let client: MCPClient?
    private let healthInterval: Duration
    private let discoveryInterval: Duration
    /// The shortest time between the end of a listing and the next one that a change causes.
    private let settling = Duration.milliseconds(300)
    private let scope = CancellationScope()
    private let logger: Logger

    /// Supervises an MCP server.
    init(client: MCPClient, _ configuration: ServerConfiguration, logger: Logger) {
        source = client
        self.client = client
        healthInterval = configuration.healthInterval
        discoveryInterval = configuration.discoveryInterval
        self.logger = logger
    }

    /// Supervises tools in this process.
    init(_ source: any ToolSource, discoveryInterval: Duration = .seconds(300), logger: Logger) {
        self.source = source
        client = nil
        healthInterval = discoveryInterval
        self.discoveryInterval = discoveryInterval
        self.logger = logger
    }

    /// Whether the tools can be listed now: the server is connected, or the tools are in this process.
    var isReachable: Bool { client?.isConnected ?? true }

    /// Makes ``run(reporting:)`` return, also when it starts later. Idempotent.
    func retire() { scope.cancel() }

    /// Supervises until ``retire()`` or cancellation of the task, then closes the connection and returns.
    func run(reporting registry: ToolRegistry) async {
        await scope.run {
            await withTaskGroup(of: Void.self) { group in
                if let client = self.client {
                    group.addTask { await client.run() }
                    group.addTask { await self.follow(client, registry) }
                    group.addTask { await self.checkHealth(of: client, registry) }
                } else {
                    group.addTask { await registry.list(self) }
                }
                group.addTask { await self.discoverOnInterval(registry) }
            }
        }
    }

    /// Lists the tools after each connection and each `tools/list_changed` notification. Changes that arrive during a
    /// listing or within ``settling`` after it cause one listing.
    private func follow(_ client: MCPClient, _ registry: ToolRegistry) async {
        await withTaskGroup(of: Void.self) { group in
            let requests = ChangeSignal()
            group.addTask {
                for await _ in requests.changes {
                    await registry.list(self)
                    try? await Task.sleep(for: self.settling)
                }
            }
            for await change in client.changes {
                switch change {
                case .connected, .toolsChanged: requests.send()
                case .disconnected(let problem):
                    registry.update(self) { $0.disconnected(problem) }
                }
            }
            requests.finish()
        }
    }

    /// Lists the tools each ``discoveryInterval``.
    private func discoverOnInterval(_ registry: ToolRegistry) async {
        while (try? await Task.sleep(for: discoveryInterval)) != nil {
            if isReachable { await registry.list(self) }
        }
    }

    /// Pings the server each ``healthInterval`` while it is connected. After three consecutive pings without an answer
    /// within 10 s the connection is replaced. Failures are ignored until the server has answered a ping. The circuit
    /// breaker counts answers and failures too.
    private func checkHealth(of client: MCPClient, _ registry: ToolRegistry) async {
        var hasAnswered = false
        var silences = 0
        while (try? await Task.sleep(for: healthInterval)) != nil {
            guard client.isConnected else { continue }
            do {
                try await client.ping(within: .seconds(10))
                (hasAnswered, silences) = (true, 0)
                registry.update(self) { $0.answered() }
            } catch {
                guard !Task.isCancelled, hasAnswered, client.isConnected else { continue }
                silences += 1
                registry.update(self) { $0.failed("\(error)", at: .now) }
                guard silences >= 3 else { continue }
                logger.warning(
                    "An MCP server is silent; its connection is made anew.", metadata: ["server": "\(client.server)"])
                client.reconnect()
                (hasAnswered, silences) = (false, 0)
            }
        }
    }
}
