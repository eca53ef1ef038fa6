import Foundation
import TestKit
import Testing
import WebSockets

@Suite("The client with servers that violate the protocol", .timeLimit(.minutes(2)))
struct ProtocolViolationTests {
    @Test("a server that accepts and never answers costs the timeout")
    func mute() async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let start = ContinuousClock.now
            let error = await failure { _ = try await loop.open("\(url)/mute", timeout: .seconds(2)) }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - start < .seconds(20))
            // The connection is closed too, not only the wait.
            try await awaitReport(of: "end", by: "\(url)/report/mute", loop)
        }
    }

    @Test("cancelling an attempt ends it at once")
    func cancelled() async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let attempt = Task { try await loop.open("\(url)/mute-cancel", timeout: .seconds(50)) }
            try await awaitReport(of: "offered", by: "\(url)/report/mute-cancel", loop)
            attempt.cancel()
            #expect(await failure { _ = try await attempt.value }?.code == .cancelled)
            try await awaitReport(of: "end", by: "\(url)/report/mute-cancel", loop)
        }
    }

    @Test("a shutdown ends attempts, readers and senders")
    func shutdown() async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let stalled = try await loop.open("\(url)/stall")
            let silent = try await loop.open("\(url)/silent-shutdown")
            let attempt = Task { try await loop.open("\(url)/mute-shutdown", timeout: .seconds(50)) }
            let reader = Task { await silent.drain() }
            let sent = Counter()
            let sender = Task {
                while true {
                    try await stalled.send([UInt8](repeating: 0, count: 1 << 18))
                    sent.add()
                }
            }
            try await sent.untilStalled()
            try await awaitReport(of: "offered", by: "\(url)/report/mute-shutdown", loop)
            let start = ContinuousClock.now
            await loop.shutdown()
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(await failure { _ = try await attempt.value }?.code == .closed)
            #expect(await failure { try await sender.value }?.code == .closed)
            #expect(await reader.value.isEmpty)
            #expect(silent.closeStatus?.code == 1001)
            #expect(await failure { _ = try await loop.open("\(url)/silent") }?.code == .closed)
            #expect(await failure { _ = try await loop.listen(ListenOptions()) }?.code == .closed)
            await loop.shutdown()
        }
    }

    @Test("a peer that never answers pings is silent, whatever else it sends", arguments: ["/silent", "/chatter"])
    func silent(path: String) async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let pingPolicy = PingPolicy(pingEvery: .milliseconds(100), deadAfter: .milliseconds(500))
            let socket = try await loop.open(url + path, pingPolicy: pingPolicy)
            _ = await socket.drain()
            #expect(socket.closeStatus?.how == .silent)
            #expect(socket.closeStatus?.code == 1006)
        }
    }

    @Test("a close that is never answered ends after a second")
    func unansweredClose() async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/silent-close")
            let start = ContinuousClock.now
            await socket.close(code: 1000, reason: "bye")
            let took = ContinuousClock.now - start
            #expect(took > .milliseconds(500) && took < .seconds(20))
            #expect(socket.closeStatus == WebSocketClose(code: 1000, reason: "bye", how: .local))
            let report = try await loop.open("\(url)/report/silent-close").nextText()
            #expect(report?.contains("\"end\"") == true)
        }
    }

    @Test("a peer that sends a close frame and keeps the connection open is disconnected")
    func closeWithoutEnd() async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/slackclose")
            #expect(await socket.drain().isEmpty)
            #expect(socket.closeStatus == WebSocketClose(code: 1000, reason: "bye", how: .peer))
        }
    }

    @Test("an abort resets the connection")
    func abort() async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/silent-abort")
            socket.abort()
            #expect(await socket.drain().isEmpty)
            #expect(socket.closeStatus?.how == .local)
            try await awaitReport(of: "reset", by: "\(url)/report/silent-abort", loop)
        }
    }

    @Test("an unreferenced WebSocket is aborted")
    func forgotten() async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            _ = try await loop.open("\(url)/silent-forgotten")
            try await awaitReport(of: "end", by: "\(url)/report/silent-forgotten", loop)
        }
    }

    @Test(
        "a response that is not a WebSocket upgrade is an error",
        arguments: [("/hangup", WebSocketError.Code.closed, 20), ("/badaccept", .other, 20), ("/garbage", .timeout, 1)])
    func nonsense(path: String, code: WebSocketError.Code, seconds: Int) async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let error = await failure { _ = try await loop.open(url + path, timeout: .seconds(seconds)) }
            #expect(error?.code == code)
        }
    }

    @Test("a send that the peer never reads can be cancelled; a message not begun is not sent")
    func cancelledSend() async throws {
        try await withPeerAndLoop("raw_websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/stall")
            let sent = Counter()
            let first = Task {
                while true {
                    try await socket.send([UInt8](repeating: 0, count: 1 << 18))
                    sent.add()
                }
            }
            try await sent.untilStalled()
            let second = Task { try await socket.send("second") }
            second.cancel()
            #expect(await failure { try await second.value }?.code == .cancelled)
            first.cancel()
            #expect(await failure { try await first.value }?.code == .cancelled)
            #expect(socket.closeStatus == nil)
            socket.abort()
        }
    }
}
