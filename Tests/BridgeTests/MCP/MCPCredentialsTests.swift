import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("Credentials of MCP servers", .serialized, .timeLimit(.minutes(2)))
struct MCPCredentialsTests {
    /// Credentials that are replaced after a challenge.
    private final class Renewed: MCPCredentials {
        let challenges = NIOLockedValueBox<[MCPChallenge]>([])
        private let token: NIOLockedValueBox<String>
        private let next: String

        init(_ token: String, then next: String) {
            self.token = NIOLockedValueBox(token)
            self.next = next
        }

        func headers(for url: String, after challenge: MCPChallenge?) -> [Header] {
            if let challenge {
                challenges.withLockedValue { $0.append(challenge) }
                token.withLockedValue { $0 = next }
            }
            return [Header(name: "Authorization", value: Secret("Bearer \(token.withLockedValue { $0 })"))]
        }
    }

    private struct Missing: MCPCredentials {
        func headers(for url: String, after challenge: MCPChallenge?) throws(MCPFailure) -> [Header] {
            throw .notConnected("its account is not connected yet")
        }
    }

    private func entry(_ port: Int, isSSE: Bool) -> ServerConfiguration {
        let url = "http://127.0.0.1:\(port)"
        return ServerConfiguration(
            name: "web", transport: isSSE ? .sse(url: "\(url)/sse") : .http(url: "\(url)/mcp"),
            callTimeout: .seconds(20))
    }

    @Test("a request that is refused with 401 is made once more with other credentials", arguments: [false, true])
    func renewed(isSSE: Bool) async throws {
        try await withPeer(isSSE ? "mcp_sse_server.py" : "mcp_http_server.py", ["0", "right-token"]) { peer in
            let credentials = Renewed("old-token", then: "right-token")
            try await withMCPClient(entry(peer.port, isSSE: isSSE), credentials: credentials) { client in
                let sum = try await client.callTool("add", arguments: ["a": 2, "b": 2]).text
                #expect(sum == "4")
            }
            let challenges = credentials.challenges.withLockedValue { $0 }
            let refused = challenges.flatMap(\.refused).map(\.value.revealed)
            #expect(refused == ["Bearer old-token"], "later requests had the new ones at once")
        }
    }

    @Test("credentials that are refused as well, or cannot be had, are the reason of the failure")
    func refused() async throws {
        try await withPeer("mcp_http_server.py", ["0", "right-token"]) { peer in
            let problems: [(any MCPCredentials, String)] = [
                (Renewed("old-token", then: "other-token"), "401"), (Missing(), "its account is not connected yet"),
            ]
            for (credentials, words) in problems {
                try await withMCPClient(
                    entry(peer.port, isSSE: false), credentials: credentials, waitsForConnection: false
                ) { client in
                    for await change in client.changes {
                        guard case .disconnected(let problem) = change else { continue }
                        #expect(problem.contains(words), "\(problem)")
                        break
                    }
                }
            }
        }
    }
}
