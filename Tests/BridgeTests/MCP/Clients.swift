import Foundation
import Logging
import TestKit

@testable import Bridge

/// Runs a client for the duration of `body`, which begins once it is connected, and closes it in order.
func withMCPClient<Result: Sendable>(
    _ configuration: ServerConfiguration, credentials: (any MCPCredentials)? = nil, waitsForConnection: Bool = true,
    _ body: @escaping @Sendable (MCPClient) async throws -> Result
) async throws -> Result {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let http = HTTPClient(.init(proxy: ""), logger: logger)
    let client = MCPClient(
        configuration, identity: MCPImplementation(name: "omni", version: "1"), http: http,
        backoff: Backoff(first: .milliseconds(50), most: .milliseconds(500)), credentials: credentials, logger: logger)
    do {
        let result = try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                await client.run()
                return nil
            }
            group.addTask {
                if waitsForConnection {
                    try await eventually("the client is connected", within: .seconds(60)) { client.isConnected }
                }
                return try await body(client)
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw PeerTrouble("the client ended by itself")
        }
        await http.shutdown()
        return result
    } catch {
        await http.shutdown()
        throw error
    }
}

/// An error of a test's peer.
struct PeerTrouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The configuration of the server in `Tests/Peers/mcp_raw_server.py`.
func rawServer(_ modes: String..., callTimeout: Duration = .seconds(20), environment: [String: String] = [:])
    -> ServerConfiguration
{
    ServerConfiguration(
        name: "raw",
        transport: .stdio(
            command: Repository.python.path,
            arguments: ["-u", Repository.root.appending(path: "Tests/Peers/mcp_raw_server.py").path] + modes,
            directory: nil, environment: environment),
        callTimeout: callTimeout, connectTimeout: .seconds(15))
}
