import Bridge
import Logging
import ServiceLifecycle
import TestKit
import Testing

@Suite("Shutting the client down", .timeLimit(.minutes(2)))
struct HTTPShutdownTests {
    @Test("ends requests in flight as closed, and closes the connections")
    func running() async throws {
        try await withHTTPPeer { peer, client, witness in
            var body = try await client.send(HTTPClient.Request("GET", peer.url("/stall-body"))).body
                .makeAsyncIterator()
            #expect(try await body.next() == Array("begun".utf8))
            let waiting = Task { try await client.send(HTTPClient.Request("GET", peer.url("/stall-head"))) }
            _ = try await witness.counts(when: "requests:/stall-head")
            await client.shutdown()
            #expect(try await httpError { _ = try await body.next() }.code == .closed)
            let error = try await httpError { _ = try await waiting.value }
            #expect(error.code == .closed)
            #expect(!error.isConnectionFailure)
            _ = try await witness.counts(when: "gone:/stall-head")
            try await witness.sees("gone:/stall-body")
        }
    }

    @Test("may be called again and concurrently, and refuses later requests")
    func idempotent() async throws {
        try await withClient { client in
            await withTaskGroup { group in
                for _ in 0..<8 { group.addTask { await client.shutdown() } }
            }
            await client.shutdown()
            let error = try await httpError {
                _ = try await client.send(HTTPClient.Request("GET", "http://127.0.0.1:1/"))
            }
            #expect(error.code == .closed)
            #expect(error.isConnectionFailure)
        }
    }

    @Test("ends each request while more are being sent")
    func underLoad() async throws {
        try await withHTTPPeer { peer, client, witness in
            let ends = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        var answered = 0
                        while let response = try? await client.send(HTTPClient.Request("GET", peer.url("/echo"))) {
                            if (try? await response.collect(upTo: 10_000)) != nil { answered += 1 }
                        }
                        return answered
                    }
                }
                _ = try await witness.counts(when: "requests:/echo", isAtLeast: 100)
                await client.shutdown()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ends.count == 50)
            #expect(ends.reduce(0, +) >= 50)
        }
    }

    @Test("happens when the client is released")
    func letGo() async throws {
        try await withPeer("http_peer.py") { peer in
            let response = try await HTTPClient(.init(proxy: ""), logger: Logger(label: "test"))
                .send(HTTPClient.Request("GET", peer.url("/stall-body")))
            let error = try await httpError { for try await _ in response.body {} }
            #expect(error.code == .closed)
        }
    }

    @Test("happens as a service on graceful shutdown")
    func service() async throws {
        try await withClient { client in
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: client)], logger: logger))
            async let run: Void = group.run()
            await group.triggerGracefulShutdown()
            try await run
            let error = try await httpError {
                _ = try await client.send(HTTPClient.Request("GET", "http://127.0.0.1:1/"))
            }
            #expect(error.code == .closed)
        }
    }
}
