import Bridge
import Foundation
import Logging
import TestKit
import Testing

/// Runs `body` with a client, and shuts the client down afterwards in all cases.
func withClient<Result>(
    _ configuration: HTTPClient.Configuration = .init(proxy: ""), isolation: isolated (any Actor)? = #isolation,
    _ body: (HTTPClient) async throws -> sending Result
) async throws -> sending Result {
    let client = HTTPClient(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

/// Runs `body` with the HTTP peer, a client, and a second client that reads the peer's counters.
func withHTTPPeer(
    _ configuration: HTTPClient.Configuration = .init(proxy: ""), isolation: isolated (any Actor)? = #isolation,
    _ body: (PeerProcess, HTTPClient, PeerCounters) async throws -> Void
) async throws {
    try await withPeer("http_peer.py") { peer in
        try await withClient(configuration) { client in
            try await withClient { second in
                try await body(peer, client, PeerCounters(peer: peer, client: second))
            }
        }
    }
}

/// Reads the counters of the HTTP peer, over a client of its own.
struct PeerCounters {
    let peer: PeerProcess
    let client: HTTPClient

    /// All counters, once `name` is at least `least` (the peer waits 20 seconds at most).
    func counts(when name: String, isAtLeast least: Int = 1) async throws -> JSONValue {
        try await client.json(peer.url("/await?count=\(name)&least=\(least)"))
    }

    /// Expects that the peer counts `name` soon, and exactly once.
    func sees(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let counts = try await counts(when: name)
        #expect(counts[name] == 1, sourceLocation: sourceLocation)
    }

    /// The counter `name`, once it has not changed for half a second.
    func still(_ name: String) async throws -> Int {
        try await client.json(peer.url("/await-still?count=\(name)"))[name]?.int ?? 0
    }
}

extension PeerProcess {
    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }
}

extension HTTPClient {
    /// The JSON body of the response to a GET.
    func json(_ url: String) async throws -> JSONValue {
        try await JSONValue(parsing: send(HTTPClient.Request("GET", url)).collect(upTo: 1 << 20))
    }
}

/// A listening socket that never accepts: the kernel completes the connection, and no byte is ever sent.
final class SilentListener: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) + listen(descriptor, 16) + getsockname(descriptor, raw, &length)
            }
        }
        try #require(status == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func close() { _ = Glibc.close(descriptor) }
}

/// The error that `body` throws, which must be an ``HTTPClient/Failure``.
func httpError(
    isolation: isolated (any Actor)? = #isolation, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async throws -> HTTPClient.Failure {
    let error = await #expect(throws: HTTPClient.Failure.self, sourceLocation: sourceLocation) { try await body() }
    return try #require(error, sourceLocation: sourceLocation)
}
