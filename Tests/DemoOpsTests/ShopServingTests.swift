import Bridge
import DemoOps
import Foundation
import Logging
import TestKit
import Testing

@Suite("The demo shop over HTTP", .timeLimit(.minutes(5)))
struct ShopServingTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Serves a shop on a free port for the duration of `body`.
    private func served(_ body: @Sendable (Int) async throws -> Void) async throws {
        let shop = try DemoOps.atNine()
        let (ports, feed) = AsyncStream<Int>.makeStream()
        let service = shop.httpService(port: 0, logger: Self.logger) { feed.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { feed.finish() }
                try await service.run()
            }
            let port = try #require(await ports.first { _ in true })
            try await body(port)
            group.cancelAll()
        }
    }

    @Test("the official client lists the tools, calls them, and sees what a change did", .timeLimit(.minutes(2)))
    func officialClient() async throws {
        try await served { port in
            try await withPeer("mcp_http_client_check.py", ["http://127.0.0.1:\(port)/mcp"]) { peer in
                let found = peer.hello
                #expect(found["hello"]?["serverInfo"]?["name"] == "omni-demo-ops")
                #expect(found["tools"]?.object?.count == 20)
                #expect(found["tools"]?["drop_index"]?["destructiveHint"] == true)
                #expect(found["tools"]?["list_deploys"]?["readOnlyHint"] == true)
                #expect(found["good"]?["structuredContent"]?["total"] == 2)
                #expect(found["wrong"]?["isError"] == true)
                #expect(found["changed"]?["structuredContent"]?["unblocked"] == 4)
                #expect(found["after"]?["structuredContent"]?["total"] == 0)
            }
        }
    }

    @Test("a request with no message, a foreign origin, or no POST is refused", .timeLimit(.minutes(2)))
    func refusals() async throws {
        try await served { port in
            let request = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
            let status = try await Self.status(port, "POST", request)
            #expect(status == 200)
            #expect(try await Self.status(port, "POST", "{nonsense") == 400)
            #expect(try await Self.status(port, "POST", request, origin: "https://evil.example") == 403)
            #expect(try await Self.status(port, "POST", request, origin: "http://localhost:3000") == 200)
            #expect(
                try await Self.status(port, "POST", #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#) == 202)
            #expect(try await Self.status(port, "GET") == 405)
        }
    }

    /// The status of one request by curl, a client independent of Omni.
    private static func status(_ port: Int, _ method: String, _ body: String? = nil, origin: String? = nil) async throws
        -> Int
    {
        let curl = try await runProgram(
            "/usr/bin/curl",
            ["-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "-X", method, "http://127.0.0.1:\(port)/mcp"]
                + (body.map { ["-H", "Content-Type: application/json", "--data-binary", $0] } ?? [])
                + (origin.map { ["-H", "Origin: \($0)"] } ?? []))
        return Int(curl.output) ?? 0
    }
}
