import Bridge
import TestKit
import Testing

@Suite("Requests through a proxy", .timeLimit(.minutes(2)))
struct HTTPProxyTests {
    @Test("a plain request uses the absolute form, and the proxy resolves the name")
    func absoluteForm() async throws {
        try await withHTTPPeer { peer, _, _ in
            try await withPeer("proxy_peer.py", ["\(peer.port)"]) { proxy in
                try await withClient(.init(proxy: "http://127.0.0.1:\(proxy.port)")) { client in
                    let echo = try await client.json("http://shop.invalid/echo?a=1")
                    #expect(echo["path"] == "/echo?a=1")
                    #expect(echo["headers"]?.array?.contains(["x-proxied-host", "shop.invalid"]) == true)
                }
            }
        }
    }

    @Test("a refused tunnel is a connection failure, with nothing sent")
    func refusedTunnel() async throws {
        try await withPeer("proxy_peer.py") { proxy in
            try await withClient(.init(proxy: "http://127.0.0.1:\(proxy.port)")) { client in
                let error = try await httpError {
                    _ = try await client.send(HTTPClient.Request("GET", "https://forbidden.invalid/"))
                }
                #expect(error.code == .cannotConnect)
                #expect(error.isConnectionFailure)
                #expect(error.message.contains("403"))
            }
        }
    }

    @Test("an unreachable proxy is a connection failure")
    func absent() async throws {
        let refused = try RefusedPort()
        defer { refused.release() }
        try await withClient(.init(proxy: "http://127.0.0.1:\(refused.number)")) { client in
            let error = try await httpError {
                _ = try await client.send(HTTPClient.Request("GET", "http://shop.invalid/"))
            }
            #expect(error.code == .cannotConnect)
            #expect(error.isConnectionFailure)
        }
    }
}
