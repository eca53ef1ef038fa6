import Foundation
import TestKit
import Testing

@testable import Bridge

/// What servers in other languages write, byte by byte; the peers are `mcp_bytes_server.py` and `mcp_session_server.py`.
@Suite("The bytes of MCP servers", .serialized, .timeLimit(.minutes(3)))
struct MCPBytesTests {
    private func stdio(_ modes: [String] = []) -> ServerConfiguration {
        ServerConfiguration(
            name: "bytes",
            transport: .stdio(
                command: Repository.python.path,
                arguments: ["-u", Repository.root.appending(path: "Tests/Peers/mcp_bytes_server.py").path] + modes,
                directory: nil, environment: [:]),
            callTimeout: .seconds(60), connectTimeout: .seconds(15))
    }

    private func web(_ port: Int) -> ServerConfiguration {
        ServerConfiguration(
            name: "web", transport: .http(url: "http://127.0.0.1:\(port)/mcp"), callTimeout: .seconds(60))
    }

    @Test(
        "a server with a byte order mark, line ends of Windows or ids of other languages is connected and called",
        arguments: [["bom"], ["bom", "crlf"], ["float-ids"], ["text-ids"], ["id-last", "bom", "float-ids"]])
    func connects(modes: [String]) async throws {
        try await withMCPClient(stdio(modes)) { client in
            #expect(try await client.listTools().contains { $0.name.tool == "latin1" })
            #expect(try await client.callTool("plain", arguments: [:]).text == "plain")
            try await client.ping(within: .seconds(10))
        }
    }

    @Test("bytes that are no UTF-8, NaN, and numbers and strings as other languages write them are read")
    func readable() async throws {
        try await withMCPClient(stdio()) { client in
            #expect(try await client.callTool("latin1", arguments: [:]).text == "caf\u{FFFD} open")
            let numbers = try await client.callTool("nan", arguments: [:])
            #expect(numbers.structured == ["p99": .null, "max": .null, "min": .null, "n": 3])
            let odd = try await client.callTool("numbers", arguments: [:])
            #expect(odd.structured == ["a": 1, "b": 0.5, "c": 1.0, "d": 7, "e": .null, "f": [1]])
            #expect(try await client.callTool("control", arguments: [:]).text == "a\tb\u{1B}c C:\\dir 'x'")
            #expect(try await client.callTool("prefixed", arguments: [:]).text == "after a text")
            #expect(try await client.callTool("double", arguments: [:]).text == "two on a line")
            #expect(try await client.callTool("null_result_id", arguments: [:]).text == "no id")
        }
    }

    @Test(
        "a response that cannot be read ends its call at once, with the reason",
        arguments: [
            ("cut", "not JSON"), ("cut_last", "not JSON"), ("cut_quote", "not JSON"),
            ("neither", "neither a result nor an error"), ("null_id", "the disk is full"),
            ("text_error", "out of paper"),
        ])
    func unreadable(tool: String, reason: String) async throws {
        for modes in [[], ["id-last"]] as [[String]] {
            try await withMCPClient(stdio(modes)) { client in
                let start = ContinuousClock.now
                let error = await #expect(throws: ToolCallError.self) {
                    try await client.callTool(tool, arguments: [:])
                }
                #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
                #expect(error?.mayHaveHappened == true)
                #expect(ContinuousClock.now - start < .seconds(10), "not the timeout of the call")
                let text = try await client.callTool("plain", arguments: [:]).text
                #expect(text == "plain")
            }
        }
    }

    @Test("a response that cannot be read does not end the call of another")
    func others() async throws {
        try await withMCPClient(stdio()) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.callTool("wait", arguments: [:]) }
                await #expect(throws: ToolCallError.self) { try await client.callTool("cut", arguments: [:]) }
                let text = try await client.callTool("plain", arguments: [:]).text
                #expect(text == "plain")
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            }
        }
    }

    @Test("the last line of a server that ends without a line feed is read")
    func lastLine() async throws {
        try await withMCPClient(stdio(["leave"])) { client in
            let text = try await client.callTool("plain", arguments: [:]).text
            #expect(text == "plain")
        }
    }

    @Test("over HTTP the same bytes are read, and the only response is that to the request")
    func overHTTP() async throws {
        try await withPeer("mcp_session_server.py") { peer in
            try await withMCPClient(web(peer.port)) { client in
                for (tool, text) in [
                    ("bom", "marked"), ("utf16", "wide"), ("latin1", "caf\u{FFFD}"), ("null_id", "for nobody"),
                    ("untyped", "plain"), ("event_null_id", "streamed"),
                ] {
                    let answer = try await client.callTool(tool, arguments: [:]).text
                    #expect(answer == text)
                }
                let result = try await client.callTool("nan", arguments: [:]).structured
                #expect(result == ["p99": .null])
            }
        }
    }

    @Test(
        "over HTTP a response that cannot be read ends its call at once, also on a stream that stays open",
        arguments: [("cut", "not JSON"), ("event_cut", "not JSON"), ("null_error", "the disk is full")])
    func unreadableOverHTTP(tool: String, reason: String) async throws {
        try await withPeer("mcp_session_server.py") { peer in
            try await withMCPClient(web(peer.port)) { client in
                let start = ContinuousClock.now
                let error = await #expect(throws: ToolCallError.self) {
                    try await client.callTool(tool, arguments: [:])
                }
                #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
                #expect(ContinuousClock.now - start < .seconds(10), "not the timeout of the call")
            }
        }
    }
}
