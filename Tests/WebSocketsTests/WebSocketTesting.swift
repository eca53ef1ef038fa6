import Foundation
import Logging
import Synchronization
import TestKit
import Testing
import WebSockets

/// Runs `body` with an event loop of its own, and shuts it down in all cases.
func withLoop<Result: Sendable>(
    caFile: String? = nil, _ body: (WebSocketEventLoop) async throws -> Result
) async throws -> Result {
    let loop = try WebSocketEventLoop(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, caFile: caFile)
    do {
        let result = try await body(loop)
        await loop.shutdown()
        return result
    } catch {
        await loop.shutdown()
        throw error
    }
}

/// Runs `body` with an event loop and the peer of that name.
func withPeerAndLoop<Result: Sendable>(
    _ script: String, _ body: (WebSocketEventLoop, String) async throws -> Result
) async throws -> Result {
    let peer = try await PeerProcess.python(script)
    let url = "ws://127.0.0.1:\(peer.port)"
    do {
        let result = try await withLoop { try await body($0, url) }
        await peer.stop()
        return result
    } catch {
        await peer.stop()
        throw error
    }
}

/// The error of a call that must fail as ``WebSocketError``; nil otherwise.
func failure(_ body: () async throws -> Void) async -> WebSocketError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? WebSocketError
    }
}

/// Counts the progress of another task.
final class Counter: Sendable {
    private let count = Atomic(0)

    func add() { count.add(1, ordering: .relaxed) }

    /// Waits until the count is above zero and has not changed for a second.
    func untilStalled() async throws {
        var before = 0
        try await eventually("the count no longer changes") {
            before = self.count.load(ordering: .relaxed)
            try await Task.sleep(for: .seconds(1))
            return before > 0 && self.count.load(ordering: .relaxed) == before
        }
    }
}

/// Reads a peer's report until it contains `word`.
func awaitReport(of word: String, by url: String, _ loop: WebSocketEventLoop) async throws {
    try await eventually("the peer reports \(word)") { try await loop.open(url).nextText()?.contains(word) == true }
}

extension WebSocket {
    /// The next message as text; nil at the end.
    func nextText() async -> String? {
        var iterator = messages.makeAsyncIterator()
        guard case .text(let text)? = await iterator.next() else { return nil }
        return text
    }

    /// All messages until the end.
    func drain() async -> [WebSocketMessage] {
        var all: [WebSocketMessage] = []
        for await message in messages { all.append(message) }
        return all
    }
}

extension WebSocketEventLoop {
    func open(_ url: String, pingPolicy: PingPolicy = PingPolicy(), timeout: Duration = .seconds(30)) async throws
        -> WebSocket
    {
        try await connect(WebSocketRequest(url: url, timeout: timeout, pingPolicy: pingPolicy))
    }
}

/// The number of this process's sockets that have `port` on either side.
func openSockets(on port: Int) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }.count { descriptor in
        [getsockname, getpeername].contains { name in
            var address = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let found = withUnsafeMutableBytes(of: &address) { bytes in
                name(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
            }
            return found == 0 && address.sin_family == sa_family_t(AF_INET) && Int(address.sin_port.bigEndian) == port
        }
    }
}
