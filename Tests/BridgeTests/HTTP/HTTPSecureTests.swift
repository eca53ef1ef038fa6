import Bridge
import Foundation
import TestKit
import Testing

@Suite("Requests over TLS", .timeLimit(.minutes(2)))
struct HTTPSecureTests {
    private func withSecurePeer(
        isolation: isolated (any Actor)? = #isolation, _ body: (PeerProcess, String) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try await withPeer("h2_peer.py", [folder.path]) { peer in
            try await body(peer, try #require(peer.hello["ca"]?.string))
        }
    }

    @Test("concurrent requests share one HTTP/2 connection")
    func http2() async throws {
        try await withSecurePeer { peer, authority in
            try await withClient(.init(caFile: authority, proxy: "")) { client in
                let url = "https://localhost:\(peer.port)"
                let answers = try await withThrowingTaskGroup(of: JSONValue.self) { group in
                    // The peer answers none before the last has been sent, so that all are in flight together.
                    for _ in 0..<30 { group.addTask { try await client.json(url + "/wait") } }
                    group.addTask { try await client.json(url + "/release") }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.count == 31)
                #expect(answers.allSatisfy { $0["version"] == "2" })
                #expect(Set(answers.compactMap { $0["connection"]?.int }).count == 1)
            }
        }
    }

    @Test("bodies pass complete in both directions")
    func bodies() async throws {
        try await withSecurePeer { peer, authority in
            try await withClient(.init(caFile: authority, proxy: "")) { client in
                let text = String(repeating: "0123456789", count: 50_000)
                let request = HTTPClient.Request("POST", "https://localhost:\(peer.port)/echo", body: Array(text.utf8))
                let echo = try await JSONValue(parsing: client.send(request).collect(upTo: 1 << 20))
                #expect(echo["body"]?.string == text)
                let big = try await client.send(
                    HTTPClient.Request("GET", "https://localhost:\(peer.port)/big?size=5000000"))
                #expect(try await big.collect(upTo: 5_000_000).count == 5_000_000)
            }
        }
    }

    @Test("a paused stream does not block the others of its connection")
    func pausedStream() async throws {
        try await withSecurePeer { peer, authority in
            try await withClient(.init(caFile: authority, proxy: "")) { client in
                let url = "https://localhost:\(peer.port)"
                let paused = try await client.send(HTTPClient.Request("GET", url + "/big?size=5000000"))
                for _ in 0..<5 {
                    #expect(try await client.json(url + "/echo")["version"] == "2")
                }
                #expect(try await paused.collect(upTo: 5_000_000).count == 5_000_000)
            }
        }
    }

    @Test("a certificate of an unknown authority is refused with the reason")
    func unknownAuthority() async throws {
        try await withSecurePeer { peer, _ in
            try await withClient { client in
                let request = HTTPClient.Request(
                    "POST", "https://localhost:\(peer.port)/echo", body: Array("secret".utf8))
                let error = try await httpError { _ = try await client.send(request) }
                #expect(error.code == .tls)
                #expect(error.curlCode == 60)
                #expect(error.isConnectionFailure)
                #expect(error.message.contains("certificate"))
                #expect(error.message.contains("localhost:\(peer.port)"))
                #expect(error.message.contains("CA file"))
            }
        }
    }

    @Test("a certificate for another name is refused")
    func wrongName() async throws {
        try await withSecurePeer { peer, authority in
            try await withClient(.init(caFile: authority, proxy: "")) { client in
                let error = try await httpError {
                    _ = try await client.send(HTTPClient.Request("GET", "https://127.0.0.1:\(peer.port)/echo"))
                }
                #expect(error.code == .tls)
            }
        }
    }

    @Test("a missing CA file is named as the reason")
    func missingFile() async throws {
        try await withSecurePeer { peer, authority in
            try await withClient(.init(caFile: authority + ".absent", proxy: "")) { client in
                let error = try await httpError {
                    _ = try await client.send(HTTPClient.Request("GET", "https://localhost:\(peer.port)/echo"))
                }
                #expect(error.code == .tls)
                #expect(error.message.contains("CA file"))
            }
        }
    }

    @Test("a server without TLS is a TLS error, not an error of the request")
    func plainServer() async throws {
        try await withHTTPPeer { peer, client, _ in
            let error = try await httpError {
                _ = try await client.send(HTTPClient.Request("GET", "https://127.0.0.1:\(peer.port)/echo"))
            }
            #expect(error.code == .tls)
            #expect(error.isConnectionFailure)
        }
    }

    @Test("a proxy sees only the tunnel")
    func tunnel() async throws {
        try await withSecurePeer { peer, authority in
            try await withPeer("proxy_peer.py") { proxy in
                let configuration = HTTPClient.Configuration(
                    caFile: authority, proxy: "http://127.0.0.1:\(proxy.port)")
                try await withClient(configuration) { client in
                    let response = try await client.send(
                        HTTPClient.Request("GET", "https://localhost:\(peer.port)/echo"))
                    #expect(response.headers["x-proxy"] == nil)
                    #expect(try await JSONValue(parsing: response.collect(upTo: 10_000))["version"] == "2")
                }
                try await withClient { direct in
                    let seen = try await direct.json(proxy.url("/seen"))
                    #expect(seen == ["CONNECT localhost:\(peer.port) HTTP/1.1"])
                }
            }
        }
    }
}
