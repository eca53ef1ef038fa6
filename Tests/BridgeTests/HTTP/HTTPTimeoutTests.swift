import TestKit
import Testing

@testable import Bridge

@Suite("Timeouts of a request", .timeLimit(.minutes(2)))
struct HTTPTimeoutTests {
    @Test("the connect timeout ends an unanswered handshake")
    func connect() async throws {
        let listener = try SilentListener()
        defer { listener.close() }
        try await withClient { client in
            let request = HTTPClient.Request(
                "GET", "https://127.0.0.1:\(listener.port)/", timeouts: .init(connect: .milliseconds(200)))
            let error = try await httpError { _ = try await client.send(request) }
            #expect(error.code == .timeout(.connect))
            #expect(error.isConnectionFailure)
            #expect(
                error.message == "no connection to 127.0.0.1:\(listener.port) within 0.2 s: is it up and reachable?")
        }
    }

    @Test("the head timeout ends an unanswered request")
    func head() async throws {
        try await withHTTPPeer { peer, client, witness in
            let request = HTTPClient.Request("GET", peer.url("/stall-head"), timeouts: .init(head: .seconds(1)))
            let error = try await httpError { _ = try await client.send(request) }
            #expect(error.code == .timeout(.head))
            #expect(!error.isConnectionFailure)
            try await witness.sees("gone:/stall-head")
        }
    }

    @Test("the idle timeout ends a stalled body, after its bytes")
    func idle() async throws {
        try await withHTTPPeer { peer, client, witness in
            let request = HTTPClient.Request("GET", peer.url("/stall-body"), timeouts: .init(idle: .milliseconds(1500)))
            var body = try await client.send(request).body.makeAsyncIterator()
            #expect(try await body.next() == Array("begun".utf8))
            let error = try await httpError { _ = try await body.next() }
            #expect(error.code == .timeout(.idle))
            try await witness.sees("gone:/stall-body")
        }
    }

    @Test("the idle timeout does not count the reader's pauses")
    func slowReader() async throws {
        try await withHTTPPeer { peer, client, witness in
            let size = 16 << 20
            let request = HTTPClient.Request("GET", peer.url("/big?size=\(size)"), timeouts: .init(idle: .seconds(2)))
            let response = try await client.send(request)
            for _ in 0..<5 { _ = try await witness.still("written") }  // Each takes at least half a second.
            var received = 0
            for try await chunk in response.body { received += chunk.count }
            #expect(received == size)
        }
    }

    @Test("the total timeout ends a stream that still sends")
    func total() async throws {
        try await withHTTPPeer { peer, client, _ in
            let request = HTTPClient.Request(
                "GET", peer.url("/sse?count=100000&pause=0.02"), timeouts: .init(total: .seconds(3)))
            let error = try await httpError { for try await _ in try await client.send(request).body {} }
            #expect(error.code == .timeout(.total))
        }
    }

    @Test("the connect timeout does not count the wait for a free connection, the head timeout does")
    func queued() async throws {
        try await withHTTPPeer(.init(proxy: "", maxConnectionsPerHost: 1)) { peer, client, witness in
            var holder: HTTPClient.Response? = try await client.send(HTTPClient.Request("GET", peer.url("/stall-body")))
            let impatient = HTTPClient.Request(
                "GET", peer.url("/echo"), timeouts: .init(connect: .milliseconds(100), head: .milliseconds(400)))
            let error = try await httpError { _ = try await client.send(impatient) }
            #expect(error.code == .timeout(.head))
            #expect(error.isConnectionFailure)

            let patient = HTTPClient.Request("GET", peer.url("/echo"), timeouts: .init(connect: .seconds(2)))
            async let status = client.send(patient).status
            for _ in 0..<5 { _ = try await witness.still("connections") }  // Each takes at least half a second.
            #expect(holder?.status == 200)
            holder = nil
            #expect(try await status == 200)
        }
    }
}

@Suite("The deadlines of a transfer")
struct TransferDeadlinesTests {
    private let start = ContinuousClock.now
    private let timeouts = HTTPClient.Timeouts(connect: .seconds(5), head: .seconds(60), idle: .seconds(90))

    private func next(after change: (inout TransferDeadlines, ContinuousClock.Instant) -> Void) -> TransferDeadlines
        .Deadline?
    {
        var deadlines = TransferDeadlines(timeouts, startedAt: start)
        change(&deadlines, start + .seconds(10))
        return deadlines.next
    }

    private func deadline(_ phase: HTTPClient.Failure.Phase, at seconds: Int, limit: Int) -> TransferDeadlines.Deadline
    {
        .init(instant: start + .seconds(seconds), phase: phase, limit: .seconds(limit))
    }

    @Test("one deadline for each phase")
    func phases() {
        #expect(next { _, _ in } == deadline(.head, at: 60, limit: 60))
        #expect(next { $0.connectionStarted(at: $1) } == deadline(.connect, at: 15, limit: 5))
        #expect(
            next { deadlines, now in
                deadlines.connectionStarted(at: now)
                deadlines.connectionStarted(at: now + .seconds(3))  // The second address of a name.
            } == deadline(.connect, at: 15, limit: 5))
        #expect(
            next { deadlines, now in
                deadlines.connectionStarted(at: now)
                deadlines.connectionReady()
            } == deadline(.head, at: 60, limit: 60))
        #expect(next { $0.headArrived(at: $1) } == deadline(.idle, at: 100, limit: 90))
        #expect(next { $0.bytesArrived(at: $1 + .seconds(7)) } == deadline(.idle, at: 107, limit: 90))
    }

    @Test("no idle deadline while the reader is paused")
    func pause() {
        #expect(next { deadlines, _ in deadlines.paused() } == nil)
        #expect(
            next { deadlines, now in
                deadlines.paused()
                deadlines.resumed(at: now + .seconds(500))
            } == deadline(.idle, at: 600, limit: 90))
    }

    @Test("the total deadline stays through all phases")
    func total() {
        var deadlines = TransferDeadlines(HTTPClient.Timeouts(total: .seconds(70)), startedAt: start)
        deadlines.headArrived(at: start + .seconds(1))
        #expect(deadlines.next == deadline(.total, at: 70, limit: 70))
        deadlines.paused()
        #expect(deadlines.next == deadline(.total, at: 70, limit: 70))
    }
}
