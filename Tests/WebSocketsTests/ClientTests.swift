import Foundation
import TestKit
import Testing
import WebSockets

@Suite("The client with a Python server", .timeLimit(.minutes(2)))
struct ClientTests {
    @Test("messages of all sizes come back in order")
    func echo() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/echo")
            for size in [0, 1, 125, 126, 70_000, 1 << 20] {
                let text = String(repeating: "é", count: size / 2) + (size % 2 == 1 ? "x" : "")
                try await socket.send(text)
                #expect(await socket.nextText() == text)
            }
            try await socket.send([0, 255, 128])
            var iterator = socket.messages.makeAsyncIterator()
            #expect(await iterator.next() == .binary([0, 255, 128]))
            await socket.close()
            #expect(socket.closeStatus == WebSocketClose(code: 1000, reason: "", how: .local))
            #expect(await iterator.next() == nil)
        }
    }

    @Test("many messages in flight keep their order")
    func order() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/echo")
            async let sending: Void = {
                for number in 0..<2000 { try await socket.send("\(number)") }
            }()
            for number in 0..<2000 { #expect(await socket.nextText() == "\(number)") }
            try await sending
        }
    }

    @Test("fragments are joined, also when one ends inside a character")
    func fragments() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/fragments")
            #expect(await socket.nextText() == "part by part: " + String(repeating: "é", count: 20000))
            let echo = try await loop.open("\(url)/echo")
            try await echo.send(fragments: [[0xC3], [0xA9], Array("!".utf8)])
            #expect(await echo.nextText() == "é!")
        }
    }

    @Test("the peer's close code and reason are reported")
    func peerCloses() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/close?code=4001&reason=link_disabled")
            #expect(await socket.drain().isEmpty)
            #expect(socket.closeStatus == WebSocketClose(code: 4001, reason: "link_disabled", how: .peer))
            #expect(await failure { try await socket.send("late") }?.code == .closed)
            await socket.close()
        }
    }

    @Test("the peer receives our close code and reason")
    func ownClose() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/echo?name=closing")
            try await socket.send("before the close")
            await socket.close(code: 4242, reason: "tschüß")
            let report = try await loop.open("\(url)/report?of=closing").nextText()
            #expect(report?.contains("\"closeCode\": 4242") == true)
            #expect(report?.contains("tsch\\u00fc\\u00df") == true)
            #expect(report?.contains("\"received\": 1") == true)
        }
    }

    @Test("a connection that is reset ends as lost")
    func dropped() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/drop")
            try await socket.send("go")
            #expect(await socket.drain().isEmpty)
            #expect(socket.closeStatus == WebSocketClose(code: 1006, reason: "", how: .lost))
        }
    }

    @Test("a refused upgrade reports its HTTP status and not the ticket", arguments: [401, 403, 404, 409, 500, 302])
    func refusedUpgrade(status: Int) async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let error = await failure { _ = try await loop.open("\(url)/status/\(status)?ticket=secret") }
            #expect(error?.code == .upgradeRejected(status: status))
            #expect(error?.message.contains("secret") == false)
        }
    }

    @Test("own headers reach the server; extensions and subprotocols are not offered")
    func headers() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let headers = [("Origin", "https://api.slack.com"), ("X-Test", "yes")]
            let socket = try await loop.connect(WebSocketRequest(url: "\(url)/headers", headers: headers))
            let text = try #require(await socket.nextText())
            #expect(text.contains("\"x-test\": \"yes\""))
            #expect(text.contains("\"origin\": \"https://api.slack.com\""))
            #expect(text.contains("\"host\": \"\(url.dropFirst(5))\""))
            #expect(!text.contains("sec-websocket-extensions"))
            #expect(!text.contains("sec-websocket-protocol"))
            let smuggled = [("X-Test", "yes\r\nX-Other: no")]
            let error = await failure {
                _ = try await loop.connect(WebSocketRequest(url: "\(url)/headers", headers: smuggled))
            }
            #expect(error?.code == .other)
        }
    }

    @Test("a message over the limit closes with 1009, one at the limit is accepted")
    func tooLarge() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            var request = WebSocketRequest(url: "\(url)/big?bytes=100000", maxMessageBytes: 100_000)
            #expect(try await loop.connect(request).nextText()?.utf8.count == 100_000)
            request.url = "\(url)/big?bytes=100001&name=large"
            let socket = try await loop.connect(request)
            #expect(await socket.drain().isEmpty)
            #expect(socket.closeStatus?.code == 1009)
            #expect(socket.closeStatus?.how == .local)
            let report = try await loop.open("\(url)/report?of=large").nextText()
            #expect(report?.contains("\"closeCode\": 1009") == true)
        }
    }

    @Test("text that is not UTF-8 closes with 1007")
    func invalidText() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let socket = try await loop.open("\(url)/bad-utf8?name=utf8")
            #expect(await socket.drain().isEmpty)
            #expect(socket.closeStatus?.code == 1007)
            let report = try await loop.open("\(url)/report?of=utf8").nextText()
            #expect(report?.contains("\"closeCode\": 1007") == true)
        }
    }

    @Test("pings are answered, and our own are counted by their pongs")
    func pings() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            #expect(try await loop.open("\(url)/ping").nextText() == "True")
            let pingPolicy = PingPolicy(pingEvery: .milliseconds(100), deadAfter: .seconds(5))
            let socket = try await loop.open("\(url)/echo", pingPolicy: pingPolicy)
            let first = socket.lastControlFrame
            try await eventually("several pongs are here") { socket.lastControlFrame > first + .milliseconds(250) }
            #expect(socket.closeStatus == nil)
        }
    }

    @Test("a slow consumer stalls the peer, and no message is lost")
    func flowControl() async throws {
        try await withPeerAndLoop("websocket_server.py") { loop, url in
            let pingPolicy = PingPolicy(pingEvery: .milliseconds(100), deadAfter: .seconds(3))
            let socket = try await loop.open("\(url)/flood?count=400&name=flood", pingPolicy: pingPolicy)
            var before = ""
            // Stalled: two checks half a second apart see the same count.
            try await eventually("the peer has stalled") {
                let now = try await loop.open("\(url)/report?of=flood").nextText() ?? ""
                defer { before = now }
                try await Task.sleep(for: .milliseconds(500))
                return now == before
            }
            // Longer than the ping timeout: the peer's pongs wait behind unread messages.
            try await Task.sleep(for: .milliseconds(3500))
            let after = try #require(await loop.open("\(url)/report?of=flood").nextText())
            #expect(!after.contains("\"sent\": 400"))
            #expect(socket.closeStatus == nil)
            var count = 0
            for await case .text(let text) in socket.messages {
                #expect(text.hasPrefix(String(format: "%06d", count)))
                count += 1
            }
            #expect(count == 400)
            #expect(socket.closeStatus?.how == .peer)
        }
    }
}
