import Foundation
import TestKit
import Testing

@testable import Bridge

@Suite("MCP servers as child processes", .serialized, .timeLimit(.minutes(3)))
struct StdioClientTests {
    @Test("a server of the official collection is listed and called")
    func timeServer() async throws {
        let configuration = ServerConfiguration(
            name: "time",
            transport: .stdio(
                command: Repository.python.deletingLastPathComponent().appending(path: "mcp-server-time").path,
                arguments: ["--local-timezone", "UTC"], directory: nil, environment: [:]))
        try await withMCPClient(configuration) { client in
            let tools = try await client.listTools()
            #expect(tools.map(\.name.tool).sorted() == ["convert_time", "get_current_time"])
            let result = try await client.callTool("get_current_time", arguments: ["timezone": "Europe/Berlin"])
            #expect(result.text.contains("Europe/Berlin"))
            #expect(!result.isError)
            let wrong = try await client.callTool("get_current_time", arguments: ["timezone": "Nowhere/At_All"])
            #expect(wrong.isError)
            try await client.ping(within: .seconds(10))
        }
    }

    @Test("all pages are read, and an unusable tool is omitted")
    func pages() async throws {
        try await withMCPClient(rawServer("garbage", "flood")) { client in
            let names = try await client.listTools().map(\.name.tool)
            #expect(names.count == 9 && names.first == "echo" && names.last == "odd" && !names.contains("broken"))
        }
    }

    @Test("a cursor that repeats ends the list")
    func repeatedCursor() async throws {
        try await withMCPClient(rawServer("loop")) { client in
            let tools = try await client.listTools()
            #expect(tools.map(\.name.tool) == ["echo"])
        }
    }

    @Test("text with unusual line breaks passes in both directions")
    func lineBreaks() async throws {
        try await withMCPClient(rawServer()) { client in
            let text = "a\u{2028}b\u{85}c\r\nd \(String(repeating: "ü", count: 200_000))"
            let result = try await client.callTool("echo", arguments: ["text": .string(text)])
            #expect(result.text == text)
        }
    }

    @Test("the child gets a minimal environment and a process group of its own")
    func environment() async throws {
        let allowed = Set(StdioTransport.inheritedVariables + ["OWN", "LC_CTYPE"])
        // Not set with setenv, as other threads read the environment meanwhile.
        try #require(
            ProcessInfo.processInfo.environment.keys.contains { !allowed.contains($0) },
            "the tests need a variable that the child may not inherit")
        try await withMCPClient(rawServer(environment: ["OWN": "yes"])) { client in
            let text = try await client.callTool("environment", arguments: [:]).text
            let variables = try #require(JSONValue(parsing: text).object)
            #expect(variables["OWN"] == "yes")
            #expect(variables["PATH"] != nil)
            #expect(Set(variables.keys).subtracting(allowed).isEmpty)
            let identity = try JSONValue(parsing: await client.callTool("identity", arguments: [:]).text)
            #expect(identity["pid"] == identity["group"])
        }
    }

    @Test("a server that crashes during a call leaves it uncertain, is named without secrets, and is restarted")
    func diesInMidCall() async throws {
        try await withMCPClient(rawServer(environment: ["API_KEY": "sesame-open-7"])) { client in
            let error = await #expect(throws: ToolCallError.self) {
                try await client.callTool("die", arguments: [:])
            }
            #expect(error?.mayHaveHappened == true)
            #expect(error?.message.contains("exit status 7") == true)
            #expect(error?.message.contains("the disk is full") == true)
            #expect(error?.message.contains("sesame") == false)
            // Until the exit is noticed the old connection still counts as one.
            try await eventually("it is back") {
                let again = try? await client.callTool("echo", arguments: ["text": "again"])
                return again?.text == "again"
            }
        }
    }

    @Test("a server that crashes at start is restarted until it runs")
    func deadAtStart() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let mark = folder.url.appending(path: "mark").path
        try await withMCPClient(rawServer("die-first=\(mark)")) { client in
            let tools = try await client.listTools()
            #expect(tools.count == 9)
        }
    }

    @Test("a program that does not exist is a reported problem, not a crash")
    func missingProgram() async throws {
        let configuration = ServerConfiguration(
            name: "none",
            transport: .stdio(command: "/no/such/program", arguments: [], directory: nil, environment: [:]))
        try await withMCPClient(configuration, waitsForConnection: false) { client in
            for await change in client.changes {
                guard case .disconnected(let problem) = change else { continue }
                #expect(problem.contains("/no/such/program"))
                break
            }
            let error = await #expect(throws: ToolCallError.self) { try await client.callTool("x", arguments: [:]) }
            #expect(error?.mayHaveHappened == false)
        }
    }

    @Test("a cancelled call is cancelled at the server")
    func cancellation() async throws {
        try await withMCPClient(rawServer()) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.callTool("hang", arguments: [:]) }
                try await eventually("the call is read") {
                    try await client.callTool("hanging", arguments: [:]).text == "1"
                }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            }
            try await eventually("the server knows") {
                try JSONValue(parsing: await client.callTool("cancelled", arguments: [:]).text).array?.count == 1
            }
        }
    }

    @Test("a call without a response times out as uncertain")
    func timeout() async throws {
        try await withMCPClient(rawServer(callTimeout: .milliseconds(300))) { client in
            let error = await #expect(throws: ToolCallError.self) { try await client.callTool("hang", arguments: [:]) }
            #expect(error?.mayHaveHappened == true)
            #expect(client.isConnected)
        }
    }

    @Test("a line beyond 8 MiB ends the connection, and the next connection works")
    func hugeLine() async throws {
        try await withMCPClient(rawServer("huge")) { client in
            let error = await #expect(throws: ToolCallError.self) { try await client.callTool("echo", arguments: [:]) }
            #expect(error?.message.contains("line of more than") == true)
            try await eventually("it is back") { client.isConnected }
        }
    }

    @Test("requests of the server during a call are answered")
    func serverAsks() async throws {
        try await withMCPClient(rawServer()) { client in
            #expect(try await client.callTool("ask", arguments: [:]).text == "asked")
            #expect(try await client.callTool("echo", arguments: ["text": "alive"]).text == "alive")
            let odd = try await client.callTool("odd", arguments: [:])
            #expect(odd.structured == ["a": 1])
        }
    }

    @Test("after close neither a child that ignores signals nor a grandchild remains")
    func teardown() async throws {
        let pids = try await withMCPClient(rawServer("deaf")) { client in
            let child = try JSONValue(parsing: await client.callTool("identity", arguments: [:]).text)
            let grandchild = try await client.callTool("spawn", arguments: [:]).text
            let numbers = (try #require(child["pid"]?.int), try #require(Int(grandchild)))
            return (Int32(numbers.0), Int32(numbers.1))
        }
        try await eventually("both are gone") { !isRunning(pids.0) && !isRunning(pids.1) }
    }

    @Test("200 calls and five connections leave no descriptor open")
    func descriptors() async throws {
        var pipes: Set<String> = []
        for _ in 0..<5 {
            pipes.formUnion(
                try await withMCPClient(rawServer()) { client in
                    for number in 0..<40 {
                        let result = try await client.callTool("echo", arguments: ["text": "\(number)"])
                        #expect(result.text == "\(number)")
                    }
                    let identity = try JSONValue(parsing: await client.callTool("identity", arguments: [:]).text)
                    return openPipes(of: "\(try #require(identity["pid"]?.int))")
                })
        }
        #expect(pipes.count >= 15, "three for each server")
        // By name, since other tests open and close pipes meanwhile.
        try await eventually("no end of a server's pipes is left open here") {
            openPipes(of: "self").isDisjoint(with: pipes)
        }
    }

    /// The names of the pipes that a process has open, as `pipe:[4711]`.
    private func openPipes(of process: String) -> Set<String> {
        let folder = "/proc/\(process)/fd"
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return Set(
            descriptors.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") }
                .filter { $0.hasPrefix("pipe:") })
    }
}
