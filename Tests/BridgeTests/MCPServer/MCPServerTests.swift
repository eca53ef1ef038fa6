import Foundation
import Logging
import TestKit
import Testing

@testable import Bridge

/// The handler that these tests serve.
private struct Shop: MCPToolHandler {
    func tools() async throws -> [ToolDefinition] {
        ["greet", "wait", "break"].map { name in
            ToolDefinition(
                name: ToolName(server: "shop", tool: name), description: name,
                inputSchema: name == "greet"
                    ? ["type": "object", "properties": ["name": ["type": "string"]], "required": ["name"]]
                    : ["type": "object"], annotations: ToolAnnotations(readOnly: true))
        }
    }

    func call(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        switch name {
        case "greet": return .text("Hello \(arguments["name"]?.string ?? "")")
        case "wait":
            try await Task.sleep(for: .seconds(600))
            return .text("never")
        default: throw PeerTrouble("out of stock")
        }
    }
}

@Suite("The server side of MCP", .timeLimit(.minutes(3)))
struct MCPServerTests {
    private let server = MCPServer(
        Shop(), identity: MCPImplementation(name: "shop", version: "1"), pageSize: 2,
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    private let session = MCPServerSession()

    private func ask(_ method: String, _ params: JSONValue = [:]) async -> JSONValue {
        await server.handle(["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params], session: session)
            ?? .null
    }

    @Test(
        "the client's version is used when it is supported, else the newest",
        arguments: [
            ("2024-11-05", "2024-11-05"), ("2025-11-25", "2025-11-25"), ("2026-07-28", "2025-11-25"),
            ("x", "2025-11-25"),
        ])
    func versions(asked: String, agreed: String) async {
        let answer = await ask("initialize", ["protocolVersion": .string(asked)])
        #expect(answer["result"]?["protocolVersion"]?.string == agreed)
        #expect(session.protocolVersion == agreed)
    }

    @Test("tools are listed in pages; an invalid cursor is refused")
    func pages() async {
        let first = await ask("tools/list")
        #expect(first["result"]?["tools"]?.array?.count == 2)
        let cursor = first["result"]?["nextCursor"] ?? .null
        let second = await ask("tools/list", ["cursor": cursor])
        #expect(second["result"]?["tools"]?[0]?["name"] == "break")
        #expect(second["result"]?["nextCursor"] == nil)
        #expect(await ask("tools/list", ["cursor": "x"])["error"]?["code"] == -32602)
    }

    @Test("wrong arguments and failures are errors of the tool; an unknown tool or method is an error of the protocol")
    func errors() async {
        #expect(
            await ask("tools/call", ["name": "greet", "arguments": ["name": "Ada"]])["result"]?["isError"] == false)
        let wrong = await ask("tools/call", ["name": "greet"])
        #expect(wrong["result"]?["isError"] == true)
        #expect(wrong["result"]?["content"]?[0]?["text"] == "Invalid arguments: name is missing")
        #expect(await ask("tools/call", ["name": "break"])["result"]?["content"]?[0]?["text"] == "out of stock")
        #expect(await ask("tools/call", ["name": "nothing"])["error"]?["code"] == -32602)
        #expect(await ask("resources/list")["error"]?["code"] == -32601)
        #expect(await server.handle(7, session: session)?["error"]?["code"] == -32600)
        #expect(await server.handle(["method": "notifications/initialized"], session: session) == nil)
    }

    @Test("a batch is answered whole; an empty one and one that is too long are refused with one error")
    func batches() async {
        let ping: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": "ping"]
        let whole = await server.handle(.array(Array(repeating: ping, count: 100)), session: session)
        #expect(whole?.array?.count == 100)
        for refused in [[], Array(repeating: ping, count: 101)] as [[JSONValue]] {
            let answer = await server.handle(.array(refused), session: session)
            #expect(answer?["error"]?["code"] == -32600)
            #expect(answer?["id"]?.isNull == true)
        }
        let long = await server.handle(.array(Array(repeating: ping, count: 101)), session: session)
        #expect(long?["error"]?["message"]?.string?.contains("101 messages; at most 100") == true)
        #expect(await server.handle([["method": "notifications/initialized"]], session: session) == nil)
    }

    @Test("a cancelled call ends without a response")
    func cancellation() async throws {
        try await withThrowingTaskGroup(of: JSONValue?.self) { group in
            group.addTask {
                await server.handle(
                    ["id": "w", "method": "tools/call", "params": ["name": "wait"]], session: session)
            }
            try await eventually("the call runs") { session.state.withLockedValue { !$0.calls.isEmpty } }
            _ = await server.handle(
                ["method": "notifications/cancelled", "params": ["requestId": "w"]], session: session)
            #expect(try await group.next() == .some(nil))
        }
    }

    @Test("the official client works over standard input and output")
    func officialClient() async throws {
        let (toClient, fromClient, complaints) = (Pipe(), Pipe(), Pipe())
        let client = Process()
        client.executableURL = Repository.python
        client.arguments = [Repository.root.appending(path: "Tests/Peers/mcp_client_check.py").path]
        client.standardInput = toClient
        client.standardOutput = fromClient
        client.standardError = complaints
        try client.run()
        let stdio = StdioServer(
            server, input: fromClient.fileHandleForReading, output: toClient.fileHandleForWriting)
        let served = Task { await stdio.run() }  // Ends with the client's output; awaited below.
        let words = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(with: Result { try complaints.fileHandleForReading.readToEnd() ?? Data() })
                }
            }
        } onCancel: { [pid = client.processIdentifier] in
            // The end of the client closes the pipes that are read here and by the server.
            kill(pid, SIGKILL)
        }
        await served.value
        let text = String(decoding: words, as: UTF8.self)
        let line = try #require(text.split(separator: "\n").last { $0.hasPrefix("{") }, "the client said: \(text)")
        let found = try JSONValue(parsing: String(line))
        #expect(found["tools"] == ["greet", "wait", "break"])
        #expect(found["good"]?["content"]?[0]?["text"] == "Hello Ada")
        #expect(found["bad"]?["isError"] == true)
    }

    @Test(
        "arguments are checked against types, bounds, lists and unknown names",
        arguments: [
            (#"{"n":1.0}"#, nil), (#"{"n":1.5}"#, "n must be of type integer"), (#"{"n":11}"#, "n must be at most 10"),
            (#"{"e":"c"}"#, "e must be one of \"a\", \"b\""), (#"{"l":[1,"x"]}"#, "l[1] must be of type number"),
            (#"{"z":1}"#, "z is not known; known are: n, e, l"), ("[]", "the arguments must be of type object"),
        ])
    func argumentCheck(arguments: String, problem: String?) throws {
        let schema: JSONValue = [
            "type": "object", "additionalProperties": false,
            "properties": [
                "n": ["type": "integer", "maximum": 10], "e": ["enum": ["a", "b"]],
                "l": ["type": "array", "items": ["type": "number"]],
            ],
        ]
        #expect(try JSONSchemaValidator.problem(of: JSONValue(parsing: arguments), against: schema) == problem)
    }
}
