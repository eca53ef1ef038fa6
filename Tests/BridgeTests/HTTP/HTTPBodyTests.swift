import Bridge
import Foundation
import TestKit
import Testing

@Suite("A response body", .timeLimit(.minutes(2)))
struct HTTPBodyTests {
    @Test("arrives while it is being sent")
    func streaming() async throws {
        try await withHTTPPeer { peer, client, witness in
            var body = try await client.send(HTTPClient.Request("GET", peer.url("/stall-body"))).body
                .makeAsyncIterator()
            #expect(try await body.next() == Array("begun".utf8))
            #expect(try await witness.counts(when: "requests:/stall-body")["gone:/stall-body"] == nil)
        }
    }

    @Test("slows its sender while the reader waits, then arrives complete")
    func backPressure() async throws {
        try await withHTTPPeer { peer, client, witness in
            let size = 32 << 20
            let pattern = (0..<(1 << 16)).map { UInt8(truncatingIfNeeded: $0) }
            let response = try await client.send(HTTPClient.Request("GET", peer.url("/big?size=\(size)")))
            let written = try await witness.still("written")
            #expect(written < size / 2)  // The sockets' buffers, and 256 KiB in the client.
            // Other requests continue meanwhile.
            #expect(try await client.json(peer.url("/echo"))["path"] == "/echo")
            var (received, isRight) = (0, true)
            for try await chunk in response.body {
                let offset = received % 256
                isRight = isRight && isEqual(chunk, pattern, from: offset)
                received += chunk.count
            }
            #expect(received == size)
            #expect(isRight)
        }
    }

    @Test("larger than the caller accepts is an error and closes the connection")
    func tooLarge() async throws {
        try await withHTTPPeer { peer, client, witness in
            let response = try await client.send(HTTPClient.Request("GET", peer.url("/big?size=50000000")))
            let error = try await httpError { _ = try await response.collect(upTo: 100_000) }
            #expect(error.code == .tooLarge)
            try await witness.sees("broken:/big")
            #expect(response.status == 200)  // A reference until here: its deinit would close the connection.
        }
    }

    @Test("that breaks off delivers its bytes and then the error")
    func reset() async throws {
        try await withHTTPPeer { peer, client, _ in
            var received: [UInt8] = []
            let error = try await httpError {
                for try await chunk in try await client.send(HTTPClient.Request("GET", peer.url("/reset"))).body {
                    received += chunk
                }
            }
            #expect(received.isEmpty || received == Array("0123456789".utf8))
            #expect(error.code == .interrupted)
            #expect(!error.isConnectionFailure)
            #expect(error.message.contains("127.0.0.1:\(peer.port)"))
        }
    }

    @Test("has one reader at a time")
    func secondReader() async throws {
        try await withHTTPPeer { peer, client, _ in
            let body = try await client.send(HTTPClient.Request("GET", peer.url("/stall-body"))).body
            var first = body.makeAsyncIterator()
            _ = try await first.next()
            // Both wait for bytes that never come; the second one gets an error, which cancels the first.
            let error = try await httpError {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 {
                        group.addTask {
                            var reader = body.makeAsyncIterator()
                            _ = try await reader.next()
                        }
                    }
                    try await group.next()
                    group.cancelAll()
                }
            }
            #expect(error.message.contains("two readers"))
        }
    }

    @Test("headers beyond the limit end the request", arguments: [60_000, 90_000])
    func longHeaders(size: Int) async throws {
        try await withHTTPPeer { peer, client, _ in
            let request = HTTPClient.Request("GET", peer.url("/long-header?size=\(size)"))
            let error = try await httpError { _ = try await client.send(request) }
            #expect(error.code == .tooLarge)
        }
    }

    /// Whether `chunk` equals `pattern` from `offset` on; uses memcmp, as comparing arrays is slow in a debug build.
    private func isEqual(_ chunk: [UInt8], _ pattern: [UInt8], from offset: Int) -> Bool {
        chunk.withUnsafeBytes { chunk in
            pattern.withUnsafeBytes { pattern in
                let expected = UnsafeRawBufferPointer(rebasing: pattern[offset...].prefix(chunk.count))
                guard expected.count == chunk.count, let left = chunk.baseAddress, let right = expected.baseAddress
                else {
                    return false
                }
                return memcmp(left, right, chunk.count) == 0
            }
        }
    }
}
