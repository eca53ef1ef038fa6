import Bridge
package import Logging
package import ServiceLifecycle

extension DemoOps {
    static let instructions = """
        The operations of Acme Shop: services, deploys, incidents, logs and databases. Begin with get_service_health, \
        list_incidents or get_database_health; tools that change something say so.
        """

    /// Serves the shop over standard input and output until the input ends (`omni demo-mcp`).
    package static func serveStdio(logger: Logger) async throws {
        await StdioServer(try DemoOps().server(logger: logger)).run()
    }

    /// The shop as an MCP endpoint `POST /mcp` on loopback (`omni demo-mcp --http PORT`).
    ///
    /// - Parameters:
    ///   - port: 0 takes any free one.
    ///   - onRunning: told the port once connections are accepted.
    package func httpService(
        host: String = "127.0.0.1", port: Int, logger: Logger, onRunning: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> any Service {
        DemoHTTPService(
            server: server(logger: logger), host: host, port: port, onRunning: onRunning, logger: logger)
    }

    private func server(logger: Logger) -> MCPServer {
        MCPServer(
            self, identity: MCPImplementation(name: "omni-demo-ops", version: "1.0.0"),
            instructions: Self.instructions, logger: logger)
    }
}
