import Bridge
package import Logging
package import ServiceLifecycle

extension DemoOps {
    static let instructions = """
        The operations of Acme Shop: services, deploys, incidents, logs and databases. Begin with get_service_health, \
        list_incidents or get_database_health; tools that change something say so.
        """

    /// Serves the shop's MCP server over standard input and output until the input ends (`omni demo-mcp`).
    ///
    /// - Throws: when SQLite cannot create the database.
    package static func serveStdio(logger: Logger) async throws {
        await StdioServer(try DemoOps().server(logger: logger)).run()
    }

    /// A service that serves the shop as an MCP endpoint, `POST /mcp` (`omni demo-mcp --http PORT`).
    ///
    /// - Parameters:
    ///   - port: 0 for any free port.
    ///   - onRunning: called with the port once connections are accepted.
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
