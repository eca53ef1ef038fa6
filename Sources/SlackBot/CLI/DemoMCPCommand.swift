import ArgumentParser
import DemoOps
import Logging
import ServiceLifecycle

/// `omni demo-mcp`: the demo's MCP server.
struct DemoMCPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-mcp",
        abstract: "Serve the demo shop's operations database as an MCP server, over stdio or HTTP.")

    @Option(help: "Serve streamable HTTP at http://127.0.0.1:PORT/mcp instead of stdio.")
    var http: Int?

    func run() async throws {
        // MCP uses standard output (stdio transport); the log goes to standard error.
        LogOutput.start(LogSettings(level: .warning, format: .text))
        let logger = Logger(label: "omni.demo-mcp")
        guard let http else { return try await DemoOps.serveStdio(logger: logger) }
        let service = try DemoOps().httpService(host: "127.0.0.1", port: http, logger: logger)
        try await ServiceGroup(
            services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
