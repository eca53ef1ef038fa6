import TestKit
import Testing

@testable import Bridge

@Suite("Event streams that an MCP server closes", .serialized, .timeLimit(.minutes(4)))
struct StreamPollingTests {
    @Test(
        "a POST's stream that closes after an id is continued with Last-Event-ID, after the time that the server names",
        arguments: [0, 1, 3])
    func polling(empty: Int) async throws {
        try await MCPSessionServer.run(["polling"]) { server, client in
            let start = ContinuousClock.now
            let result = try await client.callTool("add", arguments: ["a": 2, "b": 3, "empty": .int(Int64(empty))])
            #expect(result.text == "5")
            #expect(ContinuousClock.now - start >= .milliseconds(300))
            let counts = try await server.counts()
            #expect(counts["resumed"]?.int == empty + 1)
            #expect(counts["call add"]?.int == 1, "the call is not repeated")
        }
    }

    @Test("several calls that are polled at once get their own results")
    func together() async throws {
        try await MCPSessionServer.run(["polling"]) { _, client in
            let sums = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let arguments: JSONValue = ["a": .int(Int64(number)), "b": 100, "empty": 1]
                        return Int(try await client.callTool("add", arguments: arguments).text) ?? -1
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(sums == Set((0..<8).map { 100 + $0 }))
        }
    }

    @Test("a call whose session is gone while it is polled is of unknown outcome, and not repeated")
    func lostWhilePolling() async throws {
        try await MCPSessionServer.run(["polling"]) { server, client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await #expect(throws: ToolCallError.self) {
                        try await client.callTool("add", arguments: ["a": 1, "b": 1, "empty": 1000])
                    }
                    #expect(error?.mayHaveHappened == true)
                }
                try await eventually("it is polled") { (try await server.counts()["resumed"]?.int ?? 0) > 0 }
                try await server.forget()
                try await group.waitForAll()
            }
            #expect(try await server.counts()["call add"]?.int == 1)
        }
    }

    @Test("a listening stream that is closed at once is opened ever more seldom: under 10 times in 60 s")
    func closedAtOnce() async throws {
        try await MCPSessionServer.run(["listen=close"]) { server, client in
            try await eventually("it was opened five times") {
                (try await server.counts()["listened"]?.array?.count ?? 0) >= 5
            }
            let times = try await server.counts()["listened"]?.array?.compactMap(\.double) ?? []
            // At the earliest after 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 and 63.5 s.
            for (number, (before, after)) in zip(times, times.dropFirst()).enumerated() {
                #expect(after - before > 0.45 * Double(1 << number), "\(times)")
            }
            #expect(try await client.callTool("add", arguments: ["a": 1, "b": 1]).text == "2")
        }
    }
}
