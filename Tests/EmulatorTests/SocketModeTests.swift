import Bridge
import SlackEmulator
import Testing
import WebSockets

@Suite("Socket Mode", .timeLimit(.minutes(5)))
struct SocketModeTests {
    private static var quick: EmulatorOptions {
        var options = EmulatorOptions()
        options.timeouts.acknowledgement = .seconds(1)
        options.timeouts.redeliveries = [.milliseconds(50), .milliseconds(100), .milliseconds(100)]
        options.timeouts.closeAfterNotice = .milliseconds(200)
        options.timeouts.pingEvery = .milliseconds(100)
        return options
    }

    @Test("hello is first and has the number of connections")
    func hello() async throws {
        try await withWorkspace { _, app, sockets in
            let first = AppSocket(
                socket: try await sockets.connect(WebSocketRequest(url: try await app.connectionURL())))
            let hello = try #require(await first.next())
            #expect(hello["type"] == "hello")
            #expect(hello["num_connections"] == 1)
            #expect(hello["debug_info"]?["approximate_connection_time"] == 3600)
            #expect(hello["envelope_id"] == nil)
            let second = AppSocket(
                socket: try await sockets.connect(WebSocketRequest(url: try await app.connectionURL())))
            #expect(await second.next()?["num_connections"] == 2)
            // Referenced until here, as an unreferenced WebSocket is aborted.
            await first.socket.close()
            await second.socket.close()
        }
    }

    @Test("a ticket is valid for one connection, and expires")
    func tickets() async throws {
        try await withWorkspace { emulator, app, sockets in
            let url = try await app.connectionURL()
            let socket = try await sockets.connect(WebSocketRequest(url: url))
            await #expect(throws: WebSocketError.self) { _ = try await sockets.connect(WebSocketRequest(url: url)) }
            #expect(emulator.traffic.filter { $0.kind == .refused }.map(\.name) == ["ticket"])
            await socket.close()
        }
        var options = EmulatorOptions()
        options.timeouts.ticket = .zero
        try await withWorkspace(options) { emulator, app, sockets in
            let url = try await app.connectionURL()
            await #expect(throws: WebSocketError.self) { _ = try await sockets.connect(WebSocketRequest(url: url)) }
            #expect(emulator.traffic.filter { $0.kind == .refused }.map(\.name) == ["expired"])
        }
    }

    @Test("a mention in a channel is two events with one ts; in a DM it is one")
    func eventPair() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            let ts = try emulator.say(as: "ana", in: "#ops", "@omni what <runs> in #general?")
            let envelopes = [try #require(await socket.next()), try #require(await socket.next())]
            let types = Set(envelopes.compactMap { $0["payload"]?["event"]?["type"]?.string })
            #expect(types == ["app_mention", "message"])
            #expect(Set(envelopes.compactMap { $0["payload"]?["event_id"]?.string }).count == 2)
            for envelope in envelopes {
                try await socket.acknowledge(envelope)
                let event = envelope["payload"]?["event"]
                #expect(event?["ts"]?.string == ts)
                #expect(event?["text"] == "<@U0OMNI> what &lt;runs&gt; in <#C0GENERAL|general>?")
                #expect(envelope["retry_attempt"] == 0)
                #expect(envelope["accepts_response_payload"] == false)
            }
            try emulator.say(as: "ana", in: "@ana", "@omni and here?")
            let direct = try #require(await socket.next())
            #expect(direct["payload"]?["event"]?["channel_type"] == "im")
            #expect(direct["payload"]?["event"]?["channel"] == "D0ANA")
            try await socket.acknowledge(direct)
            // The bot gets no events of a channel that it is not a member of.
            try emulator.say(as: "ana", in: "#private-ops", "@omni hidden")
            try emulator.say(as: "ana", in: "#ops", "plain")
            #expect(await socket.next()?["payload"]?["event"]?["text"] == "plain")
        }
    }

    @Test("an unacknowledged event is redelivered, with its retry number, under one event id")
    func redelivery() async throws {
        try await withWorkspace(Self.quick) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            try emulator.say(as: "ana", in: "#ops", "hello")
            var deliveries: [JSONValue] = []
            for _ in 0..<4 { deliveries.append(try #require(await socket.next("events_api"))) }
            #expect(deliveries.map { $0["retry_attempt"] ?? .null } == [0, 1, 2, 3])
            #expect(deliveries.map { $0["retry_reason"] ?? .null } == ["", "timeout", "timeout", "timeout"])
            #expect(Set(deliveries.compactMap { $0["payload"]?["event_id"]?.string }).count == 1)
            #expect(Set(deliveries.compactMap { $0["envelope_id"]?.string }).count == 4)
            #expect(await emulator.waitUntil { $0.traffic.filter { $0.kind == .unacknowledged }.count == 4 })
        }
    }

    @Test("an acknowledgement on another connection does not count: the event is redelivered")
    func otherConnection() async throws {
        try await withWorkspace(Self.quick) { emulator, app, sockets in
            let first = try await app.connect(sockets)
            try emulator.say(as: "ana", in: "#ops", "hello")
            let envelope = try #require(await first.next("events_api"))
            let second = try await app.connect(sockets)
            try await second.acknowledge(envelope)
            let noted = await emulator.waitUntil { snapshot in
                snapshot.traffic.contains { $0.kind == .malformed && $0.name == "other_connection" }
                    && snapshot.traffic.contains { $0.kind == .unacknowledged }
            }
            #expect(noted)
            await first.socket.close()
            await second.socket.close()
        }
    }

    @Test("an event without a live connection is redelivered once one is live")
    func gap() async throws {
        var options = EmulatorOptions.patient
        options.timeouts.redeliveries = Array(repeating: .milliseconds(500), count: 40)
        try await withWorkspace(options) { emulator, app, sockets in
            try emulator.say(as: "ana", in: "#ops", "anybody?")
            try #require(await emulator.waitUntil { !$0.traffic.filter { $0.kind == .unacknowledged }.isEmpty })
            let socket = try await app.connect(sockets)
            let envelope = try #require(await socket.next("events_api"))
            #expect((envelope["retry_attempt"]?.int ?? 0) > 0)
            try await socket.acknowledge(envelope)
            #expect(await emulator.waitUntil { $0.traffic.contains { $0.kind == .received } })
        }
    }

    @Test("a command without an acknowledgement fails visibly, and is not repeated")
    func commandFailures() async throws {
        try await withWorkspace(Self.quick) { emulator, app, sockets in
            let unheard = try await emulator.command(as: "ana", in: "#ops", "/omni", "hello")
            #expect(unheard.error == "dispatch_failed")
            let socket = try await app.connect(sockets)
            let late = try await emulator.command(as: "ana", in: "#ops", "/omni", "hello")
            #expect(late.error == "operation_timeout")
            #expect(emulator.snapshot.notices("ana").last?.text == #"/omni failed with the error "operation_timeout""#)
            let payload = try #require(await socket.next()?["payload"])
            #expect(payload["command"] == "/omni")
            #expect(payload["channel_name"] == "ops")
            #expect(payload["thread_ts"] == nil)
            #expect(throws: UserActionError.self) { _ = try emulator.say(as: "olga", in: "#ops", "I left") }
        }
    }

    @Test("a response in an acknowledgement is shown to the asker, or to all with the command")
    func acknowledgedAnswers() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            for (type, text) in [("ephemeral", "for you"), ("in_channel", "for all")] {
                async let outcome = emulator.command(as: "ana", in: "#ops", "/omni", "hi")
                let envelope = try #require(await socket.next("slash_commands"))
                #expect(envelope["accepts_response_payload"] == true)
                try await socket.acknowledge(
                    envelope, payload: ["response_type": .string(type), "text": .string(text)])
                #expect(try await outcome.wasAcknowledged)
            }
            #expect(emulator.ephemerals("ana").map(\.text) == ["for you"])
            #expect(emulator.messages("#ops").map(\.text) == ["/omni hi", "for all"])
        }
    }

    @Test("a response_url works five times")
    func responseURL() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            async let outcome = emulator.command(as: "ana", in: "#random", "/omni", "hi")
            try await socket.acknowledge(try #require(await socket.next("slash_commands")))
            let url = try await outcome.responseURL
            #expect(try await app.post(url, ["text": "", "blocks": []]) == 400)
            for number in 0..<4 {
                #expect(try await app.post(url, ["text": "\(number)", "replace_original": false]) == 200)
            }
            #expect(try await app.post(url, ["text": "last", "replace_original": true]) == 200)
            #expect(try await app.post(url, ["text": "one too many"]) == 404)
            // A response_url also works in a channel that the bot is not a member of.
            #expect(emulator.ephemerals("ana").map(\.text) == ["0", "1", "2", "last"])
        }
    }

    @Test("a warning of refresh comes before the disconnect")
    func refresh() async throws {
        try await withWorkspace(Self.quick) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            async let hit = emulator.inflict(.refresh)
            #expect(await socket.next("disconnect")?["reason"] == "refresh_requested")
            #expect(await socket.next() == nil)
            #expect(socket.socket.closeStatus?.how == .peer)
            #expect(await hit == 1)
        }
    }

    @Test("the eleventh connection is refused as too many")
    func tooMany() async throws {
        try await withWorkspace { emulator, app, sockets in
            var open: [AppSocket] = []
            for _ in 0..<10 { open.append(try await app.connect(sockets)) }
            let eleventh = AppSocket(
                socket: try await sockets.connect(WebSocketRequest(url: try await app.connectionURL())))
            let notice = await eleventh.next()
            #expect(notice?["type"] == "disconnect")
            #expect(notice?["reason"] == "too_many_websockets")
            #expect(await eleventh.next() == nil)
            #expect(emulator.snapshot.connections.live == 10)
            #expect(open.count == 10)
        }
    }

    @Test("a message over 20,480 bytes ends the connection with 1009")
    func oversize() async throws {
        try await withWorkspace { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            try await socket.socket.send(#"{"envelope_id":"\#(String(repeating: "x", count: 20_481))"}"#)
            #expect(await socket.next() == nil)
            #expect(socket.socket.closeStatus?.code == 1009)
            try #require(await emulator.waitUntil { $0.connections.open == 0 })
            let other = try await app.connect(sockets)
            try await other.socket.send("no JSON")
            #expect(await emulator.waitUntil { $0.traffic.contains { $0.kind == .malformed && $0.name == "frame" } })
            #expect(await emulator.waitUntil { $0.connections.live == 1 })
        }
    }

    @Test("a user's edit and deletion reach the app as hidden messages, the bot's own post with its bot_id")
    func hiddenMessages() async throws {
        try await withWorkspace { emulator, app, sockets in
            let ts = try emulator.say(as: "ana", in: "#general", "before")
            let socket = try await app.connect(sockets)
            // Messages posted without a connection are redelivered; this test does not look at them.
            try emulator.edit(as: "ana", in: "#general", ts, to: "after")
            try emulator.delete(as: "ana", in: "#general", ts)
            #expect(try await app.error("chat.postMessage", ["channel": "D0BEN", "text": "own"]) == "ok")
            var events: [String: JSONValue] = [:]
            while events.count < 3, let envelope = await socket.next("events_api") {
                try await socket.acknowledge(envelope)
                let event = envelope["payload"]?["event"] ?? .null
                let name = event["subtype"]?.string ?? (event["bot_id"] == nil ? "plain" : "own")
                if name != "plain" { events[name] = event }
            }
            #expect(events["message_changed"]?["hidden"] == true)
            #expect(events["message_changed"]?["message"]?["text"] == "after")
            #expect(events["message_changed"]?["previous_message"]?["text"] == "before")
            #expect(events["message_deleted"]?["deleted_ts"]?.string == ts)
            #expect(events["own"]?["bot_id"] == "B0OMNI")
            #expect(events["own"]?["channel_type"] == "im")
        }
    }
}
