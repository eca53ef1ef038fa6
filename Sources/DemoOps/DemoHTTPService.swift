import Bridge
import Foundation
import Hummingbird
import Logging
import ServiceLifecycle

/// Serves MCP's streamable HTTP transport without sessions: each POST carries one message and is answered with JSON.
struct DemoHTTPService: Service {
    private static let largestBody = 1 << 20

    let server: MCPServer
    let host: String
    let port: Int
    let onRunning: @Sendable (Int) -> Void
    let logger: Logger

    func run() async throws {
        let router = Router()
        router.post("/mcp") { request, _ in try await answer(request) }
        // No server-initiated stream and no session to delete: 405 (MCP, Transports, "Listening for Messages from the
        // Server" and "Session Management").
        router.get("/mcp") { _, _ in Response(status: .methodNotAllowed, headers: [.allow: "POST"]) }
        router.delete("/mcp") { _, _ in Response(status: .methodNotAllowed, headers: [.allow: "POST"]) }
        var quiet = logger
        // During shutdown Hummingbird logs each connection that it cancels as an error.
        quiet.logLevel = .critical
        let application = Application(
            router: router, configuration: .init(address: .hostname(host, port: port)),
            onServerRunning: { [onRunning] channel in onRunning(channel.localAddress?.port ?? 0) }, logger: quiet)
        try await application.run()
    }

    private func answer(_ request: Request) async throws -> Response {
        // Refuses web pages that reach loopback by DNS rebinding (MCP, Transports, "Security Warning").
        if let origin = request.headers[.origin], !Self.isLoopback(origin) { return Response(status: .forbidden) }
        let body = try await request.body.collect(upTo: Self.largestBody)
        guard let message = try? JSONValue(lenient: Array(body.readableBytesView)) else {
            return Self.json(MCPServer.notJSON, .badRequest)
        }
        guard let answer = await server.handle(message, session: MCPServerSession()) else {
            return Response(status: .accepted)
        }
        return Self.json(answer, .ok)
    }

    private static func isLoopback(_ origin: String) -> Bool {
        ["localhost", "127.0.0.1", "[::1]", "::1"].contains(URLComponents(string: origin)?.host ?? "")
    }

    private static func json(_ value: JSONValue, _ status: HTTPResponse.Status) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: value.bytes())))
    }
}
