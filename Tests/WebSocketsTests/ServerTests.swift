import TestKit
import Testing
import WebSockets

/// Sends each message back, until the server closes.
func echo(_ server: WebSocketServer) async {
    await withTaskGroup(of: Void.self) { group in
        for await accepted in server.connections {
            group.addTask {
                for await message in accepted.socket.messages {
                    switch message {
                    case .text(let text): try? await accepted.socket.send(text)
                    case .binary(let bytes): try? await accepted.socket.send(bytes)
                    }
                }
            }
        }
    }
}

@Suite("The server", .timeLimit(.minutes(2)))
struct ServerTests {
    /// Runs one scenario of the Python client with a server of this module.
    private func converse<Result: Sendable>(
        _ scenario: String, _ path: String = "/", _ options: ListenOptions = ListenOptions(),
        _ serve: @escaping @Sendable (WebSocket) async throws -> Void,
        check: (PeerProcess) throws -> Result
    ) async throws -> Result {
        try await withLoop { loop in
            let server = try await loop.listen(options)
            async let serving: Void = {
                for await accepted in server.connections { try await serve(accepted.socket) }
            }()
            let url = "ws://127.0.0.1:\(server.port)\(path)"
            let result = try await withPeer("websocket_client.py", [scenario, url]) { try check($0) }
            await server.close()
            try await serving
            return result
        }
    }

    @Test("it answers text, long text, fragments and bytes, and echoes the close code")
    func echoes() async throws {
        try await converse("echo") { socket in
            for await message in socket.messages {
                switch message {
                case .text(let text): try await socket.send(text)
                case .binary(let bytes): try await socket.send(bytes)
                }
            }
            #expect(socket.closeStatus == WebSocketClose(code: 4321, reason: "done", how: .peer))
        } check: { client in
            let answers = try #require(client.hello["answers"]?.array)
            #expect(
                answers.map { $0.string ?? "bytes" } == [
                    "hello", String(repeating: "é", count: 40000), "fragmented", "bytes",
                ])
            #expect(client.hello["code"]?.int == 4321)
            #expect(client.hello["extensions"]?.array?.isEmpty == true)
        }
    }

    @Test("a refused upgrade returns its status to the client", arguments: [401, 403, 404, 409, 503])
    func refuses(status: Int) async throws {
        let options = ListenOptions { request in request.query["ticket"] == "good" ? .accept : .refuse(status) }
        try await converse("ping", "/link?ticket=bad", options) { _ in
        } check: {
            #expect($0.hello["status"]?.int == status)
        }
        try await converse("ping", "/link?ticket=good", options) {
            _ = await $0.drain()
        } check: {
            #expect($0.hello["latency"]?.double != nil || $0.hello["latency"]?.int != nil)
        }
    }

    @Test("the request has path, query and headers")
    func request() async throws {
        try await withLoop { loop in
            let server = try await loop.listen(ListenOptions())
            let url = "ws://127.0.0.1:\(server.port)/link%20here/?ticket=a%26b&app_id=A1&empty="
            let client = try await loop.connect(WebSocketRequest(url: url, headers: [("Authorization", "Bearer x")]))
            var connections = server.connections.makeAsyncIterator()
            let accepted = try #require(await connections.next())
            #expect(accepted.request.path == "/link here/")
            #expect(accepted.request.query == ["ticket": "a&b", "app_id": "A1", "empty": ""])
            #expect(accepted.request.headers["authorization"] == "Bearer x")
            #expect(accepted.request.headers["host"] == "127.0.0.1:\(server.port)")
            await client.close()
        }
    }

    @Test("it fragments, closes with its own code, and the client receives both")
    func fragmentsAndCloses() async throws {
        try await converse("until_closed") { socket in
            try await socket.send(fragments: ["one ", "message ", "in pieces"].map { Array($0.utf8) })
            await socket.close(code: 4001, reason: "link_disabled")
        } check: { client in
            #expect(client.hello["messages"]?.array?.compactMap(\.string) == ["one message in pieces"])
            #expect(client.hello["code"]?.int == 4001)
            #expect(client.hello["reason"]?.string == "link_disabled")
        }
    }

    @Test("a reset reaches the client as an abnormal end")
    func resets() async throws {
        try await converse("until_closed") {
            $0.abort()
        } check: {
            #expect($0.hello["code"]?.int == 1006)
        }
    }

    @Test("its pings are answered")
    func pings() async throws {
        try await converse("until_closed") { socket in
            let before = socket.lastControlFrame
            try await socket.sendPing(Array("hi".utf8))
            try await eventually("the pong is here") { socket.lastControlFrame > before }
            await socket.close()
        } check: {
            #expect($0.hello["code"]?.int == 1000)
        }
    }

    @Test("a server that stops reading appears half-open")
    func halfOpen() async throws {
        try await converse("unanswered_ping") { socket in
            socket.stopReading()
            _ = await socket.drain()
        } check: {
            #expect($0.hello["error"]?.string?.contains("keepalive ping timeout") == true)
        }
    }

    @Test("limits apply to clients too: 1009 and 1007")
    func violations() async throws {
        let options = ListenOptions(maxMessageBytes: 4096)
        try await converse("too_large", "/", options) {
            _ = await $0.drain()
        } check: {
            #expect($0.hello["code"]?.int == 1009)
        }
        try await converse("bad_utf8", "/", options) {
            _ = await $0.drain()
        } check: {
            #expect($0.hello["code"]?.int == 1007)
        }
    }

    @Test("closing the server closes its connections with 1001 and frees the port")
    func closing() async throws {
        try await withLoop { loop in
            // An address of its own, since on 127.0.0.1 another test may take the port meanwhile.
            let host = "127.0.0.91"
            let server = try await loop.listen(ListenOptions(host: host))
            async let echoes: Void = echo(server)
            let client = try await loop.open("ws://\(host):\(server.port)/")
            try await client.send("hello")
            #expect(await client.nextText() == "hello")
            await server.close()
            await echoes
            #expect(await client.drain().isEmpty)
            #expect(client.closeStatus == WebSocketClose(code: 1001, reason: "", how: .peer))
            let again = try await loop.listen(ListenOptions(host: host, port: server.port))
            #expect(again.port == server.port)
            await server.close()
        }
    }

    @Test("a close frame without an end of the connection, as Slack sends it, ends our client")
    func slackClose() async throws {
        try await withLoop { loop in
            let server = try await loop.listen(ListenOptions())
            let client = try await loop.open("ws://127.0.0.1:\(server.port)/")
            var connections = server.connections.makeAsyncIterator()
            let accepted = try #require(await connections.next())
            accepted.socket.stopReading()
            try await accepted.socket.sendCloseFrame(code: 1000, reason: "refresh")
            #expect(await client.drain().isEmpty)
            #expect(client.closeStatus == WebSocketClose(code: 1000, reason: "refresh", how: .peer))
        }
    }

    @Test("a half-open server is noticed by the client's pings")
    func clientNotices() async throws {
        try await withLoop { loop in
            let server = try await loop.listen(ListenOptions())
            let pingPolicy = PingPolicy(pingEvery: .milliseconds(100), deadAfter: .seconds(2))
            let client = try await loop.open("ws://127.0.0.1:\(server.port)/", pingPolicy: pingPolicy)
            var connections = server.connections.makeAsyncIterator()
            let accepted = try #require(await connections.next())
            let first = client.lastControlFrame
            try await eventually("a pong is here") { client.lastControlFrame > first }
            accepted.socket.stopReading()
            #expect(await client.drain().isEmpty)
            #expect(client.closeStatus?.how == .silent)
        }
    }
}
