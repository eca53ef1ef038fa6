import Bridge
import Logging
import Testing

@testable import DemoOps

/// Serves tools over HTTP for the duration of `body`, which receives the server's URL. The server outlives the program
/// under test.
func serveTools(
    _ handler: any MCPToolHandler, as name: String, _ body: @escaping @Sendable (String) async throws -> Void
) async throws {
    let logger = Logger(label: name, factory: { _ in SwiftLogNoOpLogHandler() })
    let server = MCPServer(handler, identity: MCPImplementation(name: name, version: "1"), logger: logger)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let service = DemoHTTPService(
        server: server, host: "127.0.0.1", port: 0, onRunning: { port.yield($0) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { port.finish() }
            try await service.run()
        }
        defer { group.cancelAll() }
        let bound = await ports.first { _ in true }
        if bound == nil { try await group.waitForAll() }
        let number = try #require(bound, "\(name) was closed before it was open")
        try await body("http://127.0.0.1:\(number)/mcp")
    }
}
