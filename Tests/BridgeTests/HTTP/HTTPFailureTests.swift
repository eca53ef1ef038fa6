import Bridge
import TestKit
import Testing

@Suite("A failed request", .timeLimit(.minutes(2)))
struct HTTPFailureTests {
    @Test("to a port without a listener is reported as such, with nothing sent")
    func refused() async throws {
        let refused = try RefusedPort()
        defer { refused.release() }
        try await withClient { client in
            let request = HTTPClient.Request(
                "POST", "http://127.0.0.1:\(refused.number)/path?ticket=hidden", headers: [("X-Key", "hidden")],
                body: Array("hidden".utf8))
            let error = try await httpError { _ = try await client.send(request) }
            #expect(error.code == .cannotConnect)
            #expect(error.isConnectionFailure)
            #expect(error.curlCode == 7)
            #expect(error.description.hasPrefix("cannot connect to 127.0.0.1:\(refused.number) ("))
            #expect(!error.description.contains("hidden"))
            #expect(!error.description.contains("path"))
        }
    }

    @Test("on a connection that was used before is not sent a second time")
    func usedConnection() async throws {
        try await withHTTPPeer { peer, client, witness in
            #expect(try await client.json(peer.url("/echo"))["connection"] != nil)
            let request = HTTPClient.Request("POST", peer.url("/vanish"), body: Array("a".utf8))
            let error = try await httpError { _ = try await client.send(request) }
            #expect(error.code == .interrupted)
            #expect(!error.isConnectionFailure)
            #expect(try await witness.still("requests:/vanish") == 1)
        }
    }

    @Test("to a name without address is reported as such")
    func unresolved() async throws {
        try await withClient { client in
            let error = try await httpError {
                _ = try await client.send(HTTPClient.Request("GET", "http://no.such.invalid/"))
            }
            // The latter if the name server cannot be reached.
            #expect(error.code == .cannotResolve || error.code == .timeout(.connect))
            #expect(error.isConnectionFailure)
            #expect(error.message.contains("no.such.invalid:80"))
        }
    }

    @Test(
        "with an invalid URL never reaches the network",
        arguments: [
            "", "host/path", "/path", "file:///etc/passwd", "ftp://127.0.0.1/", "http://",
            "http://user:word@127.0.0.1/",
            "http://127.0.0.1:99999/", "http://a b/", "http://127.0.0.1/\u{0}x",
        ])
    func badURL(url: String) async throws {
        try await withClient { client in
            let error = try await httpError { _ = try await client.send(HTTPClient.Request("GET", url)) }
            #expect(error.code == .badURL)
            #expect(!error.message.contains("word@"))
        }
    }

    @Test(
        "with a line break in a header or method never reaches the network",
        arguments: [("X-A", "a\r\nX-B: b"), ("X-A", "a\u{0}"), ("X A", "a"), ("", "a"), ("X-A:", "a")])
    func headerInjection(name: String, value: String) async throws {
        try await withClient { client in
            let request = HTTPClient.Request("GET", "http://127.0.0.1:1/", headers: [(name, value)])
            let error = try await httpError { _ = try await client.send(request) }
            #expect(error.code == .other)
            #expect(error.curlCode == 0)
            let method = try await httpError {
                _ = try await client.send(HTTPClient.Request("GET \(name)\n", "http://127.0.0.1:1/"))
            }
            #expect(method.code == .other)
        }
    }
}
