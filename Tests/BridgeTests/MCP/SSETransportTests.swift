import Foundation
import Logging
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("MCP servers with the older HTTP+SSE transport", .serialized, .timeLimit(.minutes(3)))
struct SSETransportTests {
    private func entry(_ port: Int, isSSE: Bool = true, token: String? = nil) -> ServerConfiguration {
        let url = "http://127.0.0.1:\(port)/sse"
        return ServerConfiguration(
            name: "older", transport: isSSE ? .sse(url: url) : .http(url: url),
            credentials: token.map { [.init(name: "Authorization", value: Secret("Bearer \($0)"))] } ?? [],
            callTimeout: .seconds(20), connectTimeout: .seconds(10))
    }

    /// The reason of the first failed connection.
    private func problem(_ configuration: ServerConfiguration) async throws -> String {
        try await withMCPClient(configuration, waitsForConnection: false) { client in
            for await change in client.changes {
                if case .disconnected(let problem) = change { return problem }
            }
            return ""
        }
    }

    @Test(
        "the official server's tools are listed and called, whichever protocol the entry names",
        arguments: [Repository.python, Repository.legacyPython], [true, false])
    func official(interpreter: URL, isSSE: Bool) async throws {
        try await withPeer("mcp_sse_server.py", ["0", "right-token"], interpreter: interpreter) { peer in
            try await withMCPClient(entry(peer.port, isSSE: isSSE, token: "right-token")) { client in
                #expect(try await client.listTools().map(\.name.tool).contains("add"))
                #expect(try await client.callTool("add", arguments: ["a": 2, "b": 3]).text == "5")
                #expect(try await client.callTool("authorized", arguments: [:]).text.lowercased() == "true")
                #expect(try await client.callTool("nothing", arguments: [:]).isError)
                try await client.ping(within: .seconds(10))
            }
        }
    }

    @Test("a server that refuses the credentials is named so, without them")
    func credentials() async throws {
        try await withPeer("mcp_sse_server.py", ["0", "right-token"]) { peer in
            let problem = try await problem(entry(peer.port, token: "wrong-token"))
            #expect(problem.contains("401") && !problem.contains("token"))
        }
    }

    @Test("progress extends a call, and a cancelled call ends at the server")
    func progressAndCancellation() async throws {
        try await withPeer("mcp_sse_server.py") { peer in
            var configuration = entry(peer.port)
            configuration.callTimeout = .seconds(2)
            try await withMCPClient(configuration) { client in
                #expect(try await client.callTool("slow", arguments: ["seconds": 3]).text == "done")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await client.callTool("slow", arguments: ["seconds": 60]) }
                    try await eventually("the call runs") {
                        try await client.callTool("running", arguments: [:]).text == "1"
                    }
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.waitForAll() }
                }
                try await eventually("the call has ended") {
                    try await client.callTool("running", arguments: [:]).text == "0"
                }
            }
        }
    }

    @Test("a server that crashes during a call leaves it uncertain, and its successor is connected")
    func crash() async throws {
        let first = try await PeerProcess.python("mcp_sse_server.py", ["\(StablePort.choose())"])
        try await withMCPClient(entry(first.port)) { client in
            let lost = await #expect(throws: ToolCallError.self) { try await client.callTool("crash", arguments: [:]) }
            #expect(lost?.mayHaveHappened == true)
            await first.stop()
            try await eventually("the loss is noticed") { !client.isConnected }
            let away = await #expect(throws: ToolCallError.self) { try await client.callTool("add", arguments: [:]) }
            #expect(away?.mayHaveHappened == false)
            try await withPeer("mcp_sse_server.py", ["\(first.port)"]) { _ in
                try await eventually("the successor is connected", within: .seconds(30)) { client.isConnected }
                #expect(try await client.callTool("add", arguments: ["a": 1, "b": 1]).text == "2")
            }
        }
    }

    @Test(
        "a server names its endpoint absolutely, after other events, or answers a POST only after its response",
        arguments: ["absolute", "chatty", "held"])
    func variants(mode: String) async throws {
        try await withPeer("mcp_sse_raw.py", [mode]) { peer in
            try await withMCPClient(entry(peer.port)) { client in
                let names = try await client.listTools().map(\.name.tool)
                #expect(names == ["count"])
                let text = try await client.callTool("count", arguments: [:]).text
                #expect(text == "call 1, stream 1")
            }
        }
    }

    @Test("a server names an endpoint on another origin: nothing is sent there")
    func otherOrigin() async throws {
        try await withPeer("mcp_sse_raw.py") { other in
            try await withPeer("mcp_sse_raw.py", ["elsewhere=\(other.port)"]) { peer in
                let problem = try await problem(entry(peer.port, token: "secret-token"))
                #expect(problem.contains("another origin"))
            }
            let http = HTTPClient(.init(proxy: ""), logger: Logger(label: "test"))
            let response = try await http.send(HTTPClient.Request("GET", "http://127.0.0.1:\(other.port)/stray"))
            let count = try JSONValue(parsing: await response.collect(upTo: 1000))["stray"]?.int
            await http.shutdown()
            #expect(count == 0)
        }
    }

    @Test("a server that opens an event stream without an endpoint is not waited for beyond the connect timeout")
    func silent() async throws {
        try await withPeer("mcp_sse_raw.py", ["silent"]) { peer in
            var configuration = entry(peer.port)
            configuration.connectTimeout = .seconds(1)
            let found = try await problem(configuration)
            #expect(found.contains("names no endpoint"))
        }
    }

    @Test(
        "a server whose stream closed or whose endpoint forgot the session gets a new stream",
        arguments: [("closes", true), ("forgets", false)])
    func newStream(mode: String, isUncertain: Bool) async throws {
        try await withPeer("mcp_sse_raw.py", [mode]) { peer in
            try await withMCPClient(entry(peer.port)) { client in
                #expect(try await client.callTool("count", arguments: [:]).text == "call 1, stream 1")
                let lost = await #expect(throws: ToolCallError.self) {
                    try await client.callTool("count", arguments: [:])
                }
                // The endpoint that does not know the session has not handled the call.
                #expect(lost?.mayHaveHappened == isUncertain)
                try await eventually("there is a new stream") {
                    (try? await client.callTool("count", arguments: [:]).text)?.hasSuffix("stream 2") == true
                }
            }
        }
    }

    @Test(
        "an older server under protocol http answers the POST of initialize with 400, 404 or 405",
        arguments: [["refuse=400"], ["refuse=404"], ["refuse=405"], ["refuse=400", "explain"]])
    func fallback(modes: [String]) async throws {
        try await withPeer("mcp_sse_raw.py", modes) { peer in
            try await withMCPClient(entry(peer.port, isSSE: false)) { client in
                let text = try await client.callTool("count", arguments: [:]).text
                #expect(text == "call 1, stream 1")
            }
        }
    }

    @Test(
        "a server that has neither transport is told by its answer to the POST",
        arguments: [
            (["refuse=404", "nowhere"], "no MCP endpoint is at its URL (HTTP 404)"),
            (["refuse=400", "explain", "silent"], "no valid session"), (["refuse=403"], "HTTP 403"),
        ])
    func neither(modes: [String], words: String) async throws {
        try await withPeer("mcp_sse_raw.py", modes) { peer in
            var configuration = entry(peer.port, isSSE: false)
            configuration.connectTimeout = .seconds(2)
            let problem = try await problem(configuration)
            #expect(problem.contains(words), "\(problem)")
        }
    }

    @Test("a server that speaks streamable HTTP under protocol sse is named so")
    func streamable() async throws {
        try await withPeer("mcp_http_server.py") { peer in
            var configuration = entry(peer.port)
            configuration.transport = .sse(url: "http://127.0.0.1:\(peer.port)/mcp")
            let found = try await problem(configuration)
            #expect(found.contains("protocol: http"))
        }
    }
}

@Suite("The endpoint of the older HTTP+SSE transport")
struct SSEEndpointTests {
    @Test(
        "an endpoint is resolved against the URL of the stream",
        arguments: [
            ("/messages?id=1", "https://mcp.example:8443/messages?id=1"), ("m", "https://mcp.example:8443/a/m"),
            ("?id=1", "https://mcp.example:8443/a/sse?id=1"),
            ("HTTPS://MCP.example:8443/m", "https://mcp.example:8443/m"),
            ("/\\other.example/m", "https://mcp.example:8443/\\other.example/m"),
        ])
    func resolved(reference: String, url: String) {
        let resolved = HTTPOrigin.resolve(reference, sameOriginAs: "https://mcp.example:8443/a/sse")
        #expect(resolved?.lowercased() == url)
    }

    @Test(
        "an endpoint with another scheme, host or port is refused",
        arguments: [
            "http://mcp.example:8443/m", "https://other.example:8443/m", "https://mcp.example/m", "//other.example/m",
            "https://mcp.example.other.example:8443/m", "file:///etc/passwd", "", "https://",
        ])
    func refused(reference: String) {
        #expect(HTTPOrigin.resolve(reference, sameOriginAs: "https://mcp.example:8443/a/sse") == nil)
    }

    @Test("the port of the scheme may be written or left out")
    func defaultPort() {
        #expect(HTTPOrigin.resolve("https://mcp.example:443/m", sameOriginAs: "https://mcp.example/sse") != nil)
    }
}
