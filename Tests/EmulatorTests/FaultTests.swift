import Bridge
import SlackEmulator
import Testing
import WebSockets

@Suite("Injected faults", .timeLimit(.minutes(5)))
struct FaultTests {
    private let post: JSONValue = ["channel": "C0OPS", "text": "a"]

    @Test("injected responses of the Web API apply as often as configured")
    func answers() async throws {
        try await withWorkspace { [post] emulator, app, _ in
            emulator.inject(APIFault("chat.postMessage", .status(429, retryAfter: 7)))
            emulator.inject(APIFault("chat.postMessage", .status(500)))
            emulator.inject(APIFault("chat.postMessage", .error("fatal_error"), times: 2))
            let limited = try await app.call("chat.postMessage", post)
            #expect(limited.status == 429)
            #expect(limited.retryAfter == "7")
            #expect(try await app.call("chat.postMessage", post).status == 500)
            #expect(try await app.error("chat.postMessage", post) == "fatal_error")
            #expect(try await app.error("chat.postMessage", post) == "fatal_error")
            #expect(emulator.messages("#ops").isEmpty)
            #expect(try await app.error("chat.postMessage", post) == "ok")
            #expect(emulator.snapshot.calls("chat.postMessage").count == 5)
        }
    }

    @Test("a lost reply leaves the message in the channel")
    func lostReply() async throws {
        try await withWorkspace { [post] emulator, app, _ in
            emulator.inject(APIFault("chat.postMessage", .lostReply))
            await #expect(throws: (any Error).self) { _ = try await app.call("chat.postMessage", post) }
            #expect(emulator.messages("#ops").map(\.text) == ["a"])
        }
    }

    @Test("a bare reply contains ok for a posted message, and not its ts")
    func bareReply() async throws {
        try await withWorkspace { [post] emulator, app, _ in
            emulator.inject(APIFault("chat.postMessage", .bareReply))
            let answer = try await app.call("chat.postMessage", post)
            #expect(answer.body == ["ok": true])
            #expect(emulator.messages("#ops").map(\.text) == ["a"])
        }
    }

    @Test("a dropped connection ends at once; a stalled one stays open and answers no ping")
    func sockets() async throws {
        try await withWorkspace { emulator, app, sockets in
            let dropped = try await app.connect(sockets)
            await emulator.inflict(.drop)
            #expect(await dropped.next() == nil)
            #expect(dropped.socket.closeStatus?.how == .lost)
            try #require(await emulator.waitUntil { $0.connections.open == 0 })
            var request = WebSocketRequest(url: try await app.connectionURL())
            request.pingPolicy = PingPolicy(pingEvery: .seconds(1), deadAfter: .seconds(8))
            let stalled = AppSocket(socket: try await sockets.connect(request))
            #expect(await stalled.next()?["type"] == "hello")
            await emulator.inflict(.stall)
            #expect(await stalled.next(within: .seconds(60)) == nil)
            #expect(stalled.socket.closeStatus?.how == .silent)
        }
    }

    @Test("invalid messages can be sent to test a client's robustness")
    func badFrames() async throws {
        try await withWorkspace { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            await emulator.inflict(.badFrames)
            #expect(await socket.next() == "UNAUTHENTICATED: cache_error")
            #expect(await socket.next() == [1, 2, 3])
            #expect(await socket.next()?["type"] == "nobody_knows")
            #expect(await socket.next()?.string?.hasPrefix("{") == true)
            #expect(await socket.next()?["payload"]?["type"] == "app_rate_limited")
            #expect(await socket.next() == "binary")
        }
    }

    @Test("hello can be withheld and upgrades refused, over the control API too")
    func control() async throws {
        try await withWorkspace { emulator, app, sockets in
            #expect(try await app.post(emulator.httpURL + "/_control/sockets", ["do": "withhold_hello"]) == 200)
            let mute = AppSocket(
                socket: try await sockets.connect(WebSocketRequest(url: try await app.connectionURL())))
            #expect(await mute.next(within: .milliseconds(300)) == nil)
            #expect(mute.socket.closeStatus == nil)
            #expect(emulator.snapshot.connections.live == 0)
            let refusal: JSONValue = ["do": "refuse_upgrades", "status": 408]
            #expect(try await app.post(emulator.httpURL + "/_control/sockets", refusal) == 200)
            let url = try await app.connectionURL()
            await #expect(throws: WebSocketError.self) { _ = try await sockets.connect(WebSocketRequest(url: url)) }
            let fault: JSONValue = ["method": "auth.test", "kind": "error", "error": "account_inactive"]
            #expect(try await app.post(emulator.httpURL + "/_control/faults", fault) == 200)
            #expect(try await app.error("auth.test") == "account_inactive")
            let act: JSONValue = ["as": "ana", "do": "say", "channel": "#ops", "text": "by control"]
            #expect(try await app.post(emulator.httpURL + "/_control/act", act) == 200)
            #expect(emulator.messages("#ops").map(\.text) == ["by control"])
            #expect(try await app.post(emulator.httpURL + "/_control/act", ["as": "nobody", "do": "say"]) == 400)
        }
    }
}
