import Foundation
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import TestKit
import Testing

@testable import Bridge

/// A tool source in this process.
private final class Shelf: ToolSource {
    let server = "shelf"
    let fails = NIOLockedValueBox(false)

    func listTools() async throws -> [ToolDefinition] {
        [ToolDefinition(name: ToolName(server: server, tool: "look"), description: "", inputSchema: ["type": "object"])]
    }

    func call(_ call: ToolCall) async throws -> ToolResult {
        if fails.withLockedValue({ $0 }) { throw ToolCallError("empty", mayHaveHappened: true) }
        return .text("full")
    }
}

@Suite("The tool registry", .serialized, .timeLimit(.minutes(3)))
struct ToolRegistryTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func withRegistry(
        _ servers: [ServerConfiguration], _ body: @escaping @Sendable (ToolRegistry) async throws -> Void
    ) async throws {
        let http = HTTPClient(.init(proxy: ""), logger: Self.logger)
        let registry = ToolRegistry(servers: servers, http: http, logger: Self.logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await registry.run() }
                defer { group.cancelAll() }
                try await body(registry)
            }
        } catch {
            await http.shutdown()
            throw error
        }
        await http.shutdown()
    }

    private var dead: ServerConfiguration {
        ServerConfiguration(
            name: "dead", displayName: "Dead one",
            transport: .stdio(command: "/no/such/program", arguments: [], directory: nil, environment: [:]))
    }

    private var silent: ServerConfiguration {
        var configuration = rawServer("mute")
        configuration = ServerConfiguration(
            name: "silent", displayName: "Silent one", transport: configuration.transport, connectTimeout: .seconds(60))
        return configuration
    }

    @Test("unavailable and hanging servers neither delay nor hide the others")
    func isolation() async throws {
        try await withRegistry([dead, silent, rawServer()]) { registry in
            registry.add(Shelf(), displayName: "Shelf")
            try await eventually("raw is healthy") {
                registry.statuses.contains { $0.name == "raw" && $0.state == .healthy }
            }
            #expect(registry.catalogue[ToolName(server: "raw", tool: "echo")] != nil)
            let missing = await registry.settled(within: .milliseconds(50))
            #expect(missing == ["Dead one", "Silent one"])
            let problem = registry.statuses.first { $0.name == "dead" }?.problem
            #expect(problem?.contains("/no/such/program") == true)
            let result = try await registry.call(ToolName(server: "raw", tool: "echo"), arguments: ["text": "x"])
            #expect(result.text == "x")
            #expect(try await registry.call(ToolName(server: "shelf", tool: "look"), arguments: [:]).text == "full")
        }
    }

    @Test("settled returns as soon as no server is starting")
    func settles() async throws {
        try await withRegistry([rawServer()]) { registry in
            #expect(await registry.settled(within: .seconds(60)).isEmpty)
            #expect(registry.catalogue.tools.count == 9)
            #expect(
                registry.statuses.first?.leftOut
                    == [LeftOutTool(name: "broken", reason: "its inputSchema describes no object")])
        }
    }

    @Test("a call to an unknown or disabled server cannot have happened")
    func unknown() async throws {
        var off = rawServer()
        off.isEnabled = false
        try await withRegistry([off]) { registry in
            #expect(registry.statuses.map(\.state) == [.disabled])
            for server in ["raw", "nobody"] {
                let error = await #expect(throws: ToolCallError.self) {
                    try await registry.call(ToolName(server: server, tool: "echo"), arguments: [:])
                }
                #expect(error?.mayHaveHappened == false)
            }
        }
    }

    @Test("after repeated failures a server is not called for a while, and its tools are not offered")
    func circuit() async throws {
        try await withRegistry([]) { registry in
            let shelf = Shelf()
            registry.add(shelf, displayName: "Shelf")
            await registry.settled(within: .seconds(20))
            shelf.fails.withLockedValue { $0 = true }
            let name = ToolName(server: "shelf", tool: "look")
            for _ in 0..<5 {
                let failure = await #expect(throws: ToolCallError.self) {
                    try await registry.call(name, arguments: [:])
                }
                #expect(failure?.mayHaveHappened == true)
            }
            let error = await #expect(throws: ToolCallError.self) { try await registry.call(name, arguments: [:]) }
            #expect(error?.mayHaveHappened == false)
            #expect(registry.statuses.first?.state == .unhealthy)
            #expect(registry.catalogue.tools.isEmpty)
            shelf.fails.withLockedValue { $0 = false }
            await registry.refresh("shelf")
            #expect(registry.statuses.first?.state == .healthy)
            let result = try await registry.call(name, arguments: [:])
            #expect(result.text == "full")
        }
    }

    @Test("a new configuration starts, stops and restarts only the servers that it changes")
    func apply() async throws {
        try await withRegistry([rawServer(), dead]) { registry in
            func pid() async throws -> JSONValue? {
                let name = ToolName(server: "raw", tool: "identity")
                return try JSONValue(parsing: await registry.call(name, arguments: [:]).text)["pid"]
            }
            await registry.settled(within: .seconds(20))
            let first = try await pid()
            registry.apply([rawServer()])
            #expect(registry.statuses.map(\.name) == ["raw"])
            #expect(try await pid() == first)
            registry.apply([rawServer(environment: ["NEW": "1"])])
            await registry.settled(within: .seconds(20))
            let second = try await pid()
            #expect(second != nil && second != first)
            let old = try #require(first?.int)
            try await eventually("the old child is gone") { !isRunning(Int32(old)) }
            registry.apply([])
            #expect(registry.statuses.isEmpty && registry.catalogue.tools.isEmpty)
        }
    }

    @Test("notified changes of the tools reach the catalogue")
    func listChanged() async throws {
        try await withPeer("mcp_http_server.py") { peer in
            let web = ServerConfiguration(name: "web", transport: .http(url: "http://127.0.0.1:\(peer.port)/mcp"))
            try await withRegistry([web]) { registry in
                await registry.settled(within: .seconds(20))
                #expect(registry.catalogue[ToolName(server: "web", tool: "grown")] == nil)
                try await eventually("the catalogue has the new tool") {
                    _ = try await registry.call(ToolName(server: "web", tool: "grow"), arguments: [:])
                    return registry.catalogue[ToolName(server: "web", tool: "grown")] != nil
                }
            }
        }
    }
}

@Suite("The circuit breaker")
struct CircuitBreakerTests {
    @Test("it opens after consecutive failures, probes once, and closes or waits longer")
    func life() {
        let start = ContinuousClock.now
        var breaker = CircuitBreaker(threshold: 3, firstPause: .seconds(10), mostPause: .seconds(15))
        func admits(after seconds: Int) -> Bool { breaker.admits(at: start + .seconds(seconds)) }
        breaker.failed(at: start)
        breaker.failed(at: start)
        breaker.succeeded()
        for _ in 0..<3 {
            #expect(admits(after: 0))
            breaker.failed(at: start)
        }
        #expect(!admits(after: 9))
        #expect(admits(after: 10))
        #expect(!admits(after: 10), "only one probe")
        breaker.failed(at: start + .seconds(11))
        #expect(breaker.state == .open(until: start + .seconds(26)))
        #expect(admits(after: 26))
        breaker.withdrew(at: start + .seconds(27))
        #expect(admits(after: 27))
        breaker.succeeded()
        #expect(breaker.isClosed)
        #expect(admits(after: 0))
    }

    @Test("a probe without a result does not block later probes")
    func lostProbe() {
        let start = ContinuousClock.now
        var breaker = CircuitBreaker(threshold: 1, firstPause: .seconds(1), mostPause: .seconds(5))
        func admits(after seconds: Int) -> Bool { breaker.admits(at: start + .seconds(seconds)) }
        breaker.failed(at: start)
        #expect(admits(after: 1))
        #expect(!admits(after: 5))
        #expect(admits(after: 6))
    }
}

@Suite("The hash of a tool definition")
struct DefinitionHashTests {
    private func hash(_ schema: JSONValue, description: String = "d", hints: ToolAnnotations = .init()) -> String {
        ToolDefinition(
            name: ToolName(server: "s", tool: "t"), description: description, inputSchema: schema, annotations: hints
        ).definitionHash
    }

    @Test("it depends on the content, not on the order of keys")
    func stable() {
        let one = hash(["type": "object", "properties": ["a": 1, "b": 2]])
        #expect(one == hash(["properties": ["b": 2, "a": 1], "type": "object"]))
        #expect(one.count == 64)
        #expect(one != hash(["type": "object", "properties": ["a": 1, "b": 3]]))
        #expect(one != hash(["type": "object", "properties": ["a": 1, "b": 2]], description: "e"))
        #expect(one != hash(["type": "object", "properties": ["a": 1, "b": 2]], hints: .init(readOnly: true)))
    }
}

extension ToolRegistry {
    fileprivate func call(_ name: ToolName, arguments: JSONValue) async throws -> ToolResult {
        let asker = Principal(email: "ana@acme.example", name: "Ana", role: "admin", source: .builtIn("test"))
        return try await call(ToolCall(name, arguments: arguments, asker: asker))
    }
}
