import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("MCP servers over HTTP", .serialized, .timeLimit(.minutes(3)))
struct MCPOverHTTPTests {
    private func entry(_ port: Int, token: String? = nil) -> ServerConfiguration {
        ServerConfiguration(
            name: "web", transport: .http(url: "http://127.0.0.1:\(port)/mcp"),
            credentials: token.map { [.init(name: "Authorization", value: Secret("Bearer \($0)"))] } ?? [],
            callTimeout: .seconds(20))
    }

    @Test("the official server's tools are listed and called, with errors and images")
    func official() async throws {
        try await withPeer("mcp_http_server.py") { peer in
            try await withMCPClient(entry(peer.port)) { client in
                let tools = try await client.listTools()
                let add = try #require(tools.first { $0.name.tool == "add" })
                #expect(add.annotations.readOnly == true && add.title == "Addition")
                #expect(try await client.callTool("add", arguments: ["a": 2, "b": 3]).text == "5")
                let picture = try await client.callTool("picture", arguments: [:])
                #expect(picture.structured == ["width": 1])
                #expect(picture.content.contains { if case .image(_, "image/png") = $0 { true } else { false } })
                #expect(
                    picture.content.contains(.resourceLink(uri: "file:///pixel.png", name: "pixel", description: nil)))
                let failed = try await client.callTool("fail", arguments: [:])
                #expect(failed.isError && failed.text.contains("fail"))
                #expect(try await client.callTool("nothing", arguments: [:]).isError)
                try await client.ping(within: .seconds(10))
            }
        }
    }

    @Test("progress extends a call beyond its idle timeout")
    func progress() async throws {
        try await withPeer("mcp_http_server.py") { peer in
            var configuration = entry(peer.port)
            configuration.callTimeout = .seconds(3)
            try await withMCPClient(configuration) { client in
                let result = try await client.callTool("slow", arguments: ["seconds": 4])
                #expect(result.text == "done")
            }
        }
    }

    @Test("cancellation reaches the server")
    func cancellation() async throws {
        try await withPeer("mcp_http_server.py") { peer in
            try await withMCPClient(entry(peer.port)) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await client.callTool("slow", arguments: ["seconds": 60]) }
                    try await eventually("the call runs") {
                        try await client.callTool("running", arguments: [:]).text == "1"
                    }
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.waitForAll() }
                }
                try await eventually("the server knows") {
                    try await client.callTool("cancelled", arguments: [:]).text == "1"
                }
            }
        }
    }

    @Test("notifications of changes arrive on the server's own stream")
    func listChanged() async throws {
        try await withPeer("mcp_http_server.py") { peer in
            try await withMCPClient(entry(peer.port)) { client in
                let isAnnounced = NIOLockedValueBox(false)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await change in client.changes where change == .toolsChanged {
                            isAnnounced.withLockedValue { $0 = true }
                        }
                    }
                    try await eventually("the change is announced") {
                        // Repeated, as the stream may open later than the first call.
                        _ = try await client.callTool("grow", arguments: [:])
                        return isAnnounced.withLockedValue { $0 }
                    }
                    group.cancelAll()
                }
                #expect(try await client.listTools().contains { $0.name.tool == "grown" })
            }
        }
    }

    @Test("a server that crashes during a call leaves it uncertain; its successor gets a new session")
    func crashAndSession() async throws {
        // The successor listens on the same port.
        let first = try await PeerProcess.python("mcp_http_server.py", ["\(StablePort.choose())"])
        try await withMCPClient(entry(first.port)) { client in
            #expect(try await client.callTool("add", arguments: ["a": 1, "b": 1]).text == "2")
            let lost = await #expect(throws: ToolCallError.self) { try await client.callTool("crash", arguments: [:]) }
            #expect(lost?.mayHaveHappened == true)
            await first.stop()
            let away = await #expect(throws: ToolCallError.self) { try await client.callTool("add", arguments: [:]) }
            #expect(away?.mayHaveHappened == false)
            // The successor does not know the session: it answers 404, and the client makes a new handshake and
            // repeats the calls.
            try await withPeer("mcp_http_server.py", ["\(first.port)"]) { _ in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<4 {
                        group.addTask {
                            try await client.callTool("add", arguments: ["a": .int(Int64(number)), "b": 0]).text
                        }
                    }
                    var sums: [String] = []
                    for try await sum in group { sums.append(sum) }
                    #expect(sums.sorted() == ["0", "1", "2", "3"])
                }
            }
        }
    }

    @Test("credentials are sent, and an error contains neither them nor the server's text")
    func credentials() async throws {
        try await withPeer("mcp_http_server.py", ["0", "right-token"]) { peer in
            try await withMCPClient(entry(peer.port, token: "right-token")) { client in
                let result = try await client.callTool("add", arguments: ["a": 2, "b": 2])
                #expect(result.text == "4")
            }
            try await withMCPClient(entry(peer.port, token: "wrong-token"), waitsForConnection: false) { client in
                for await change in client.changes {
                    guard case .disconnected(let problem) = change else { continue }
                    #expect(problem.contains("401"))
                    #expect(!problem.contains("token"))
                    break
                }
            }
        }
    }
}
