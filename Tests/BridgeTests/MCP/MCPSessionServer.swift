import Logging
import TestKit

@testable import Bridge

/// The server in `Tests/Peers/mcp_session_server.py`, with its counts.
struct MCPSessionServer: Sendable {
    let peer: PeerProcess
    let http: HTTPClient

    var configuration: ServerConfiguration {
        ServerConfiguration(
            name: "web", transport: .http(url: "http://127.0.0.1:\(peer.port)/mcp"), callTimeout: .seconds(60))
    }

    /// Runs the server with those arguments, and a client of it, for the duration of `body`.
    static func run(
        _ arguments: [String], _ body: @escaping @Sendable (MCPSessionServer, MCPClient) async throws -> Void
    ) async throws {
        try await withPeer("mcp_session_server.py", arguments) { peer in
            let http = HTTPClient(
                .init(proxy: ""), logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            let server = MCPSessionServer(peer: peer, http: http)
            do {
                try await withMCPClient(server.configuration) { client in try await body(server, client) }
            } catch {
                await http.shutdown()
                throw error
            }
            await http.shutdown()
        }
    }

    /// The counts of the server so far.
    func counts() async throws -> JSONValue {
        let response = try await http.send(
            HTTPClient.Request("GET", "http://127.0.0.1:\(peer.port)/_counts"))
        return try JSONValue(parsing: await response.collect(upTo: 1 << 20))
    }

    /// Makes the server forget all sessions, as a restart does.
    func forget() async throws {
        let response = try await http.send(
            HTTPClient.Request("POST", "http://127.0.0.1:\(peer.port)/_forget", body: []))
        _ = try await response.collect(upTo: 1000)
    }
}
