import Bridge
import TestKit
import Testing

@Suite("Cancelling a request", .timeLimit(.minutes(2)))
struct HTTPCancellationTests {
    @Test("before the head closes the connection")
    func beforeHead() async throws {
        try await withHTTPPeer { peer, client, witness in
            let task = Task { try await client.send(HTTPClient.Request("GET", peer.url("/stall-head"))) }
            _ = try await witness.counts(when: "requests:/stall-head")
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await witness.sees("gone:/stall-head")
        }
    }

    @Test("while connecting ends it")
    func whileConnecting() async throws {
        let listener = try SilentListener()
        defer { listener.close() }
        try await withClient { client in
            let task = Task { try await client.send(HTTPClient.Request("GET", "https://127.0.0.1:\(listener.port)/")) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test("in the middle of the body closes the connection")
    func midBody() async throws {
        try await withHTTPPeer { peer, client, witness in
            let (begun, feed) = AsyncStream<Void>.makeStream()
            let task = Task {
                for try await _ in try await client.send(HTTPClient.Request("GET", peer.url("/stall-body"))).body {
                    feed.yield()
                }
            }
            for await _ in begun { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await witness.sees("gone:/stall-body")
        }
    }

    @Test("by releasing the unread body closes the connection")
    func unread() async throws {
        try await withHTTPPeer { peer, client, witness in
            #expect(try await client.send(HTTPClient.Request("GET", peer.url("/stall-body"))).status == 200)
            try await witness.sees("gone:/stall-body")
        }
    }

    @Test("by leaving the loop over the body closes the connection")
    func leftLoop() async throws {
        try await withHTTPPeer { peer, client, witness in
            for try await _ in try await client.send(HTTPClient.Request("GET", peer.url("/stall-body"))).body { break }
            try await witness.sees("gone:/stall-body")
        }
    }

    @Test("before it is sent keeps it from the server")
    func beforeSending() async throws {
        try await withHTTPPeer { peer, client, witness in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return try await client.send(HTTPClient.Request("GET", peer.url("/status?code=200")))
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            _ = try await client.json(peer.url("/echo"))
            #expect(try await witness.counts(when: "requests:/echo")["requests:/status"] == nil)
        }
    }

    @Test("at any moment ends each of many requests exactly once")
    func anyMoment() async throws {
        try await withHTTPPeer { peer, client, _ in
            var ends = 0
            for round in 0..<10 {
                ends += await withTaskGroup(of: Int.self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            let task = Task {
                                try await client.send(HTTPClient.Request("GET", peer.url("/sse?count=5"))).collect(
                                    upTo: 10_000)
                            }
                            for _ in 0..<(number * round * 3) { await Task.yield() }
                            task.cancel()
                            _ = await task.result
                            return 1
                        }
                    }
                    return await group.reduce(0, +)
                }
            }
            #expect(ends == 400)
            let echo = try await client.json(peer.url("/echo"))
            #expect(echo["path"] == "/echo")
        }
    }
}
