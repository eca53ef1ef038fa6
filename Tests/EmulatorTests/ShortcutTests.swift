import Bridge
import SlackEmulator
import TestKit
import Testing
import WebSockets

@Suite("Message shortcuts and reactions", .timeLimit(.minutes(2)))
struct ShortcutTests {
    private static let callbackID = WorkspaceShortcut.omni[0].callbackID

    @Test("a shortcut on a reply sends what Slack sends; its trigger opens a modal, once")
    func onReply() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            let root = try emulator.say(as: "ana", in: "#ops", "it is down")
            let reply = try emulator.say(as: "ben", in: "#ops", "since noon", thread: root)
            async let chosen = emulator.shortcut(as: "ana", in: "#ops", reply, Self.callbackID)
            let envelope = try #require(await socket.next("interactive"))
            let payload = try #require(envelope["payload"])
            #expect(envelope["accepts_response_payload"] == false)
            #expect(payload["type"] == "message_action" && payload["callback_id"] == .string(Self.callbackID))
            #expect(payload["user"]?["id"] == "U0ANA" && payload["channel"] == ["id": "C0OPS", "name": "ops"])
            #expect(payload["message_ts"] == .string(reply) && payload["message"]?["text"] == "since noon")
            #expect(payload["message"]?["thread_ts"] == .string(root) && payload["message"]?["user"] == "U0BEN")
            try await socket.acknowledge(envelope)
            let outcome = try await chosen
            #expect(outcome.wasAcknowledged)
            let view: JSONValue = [
                "type": "modal", "title": ["type": "plain_text", "text": "Ask"],
                "blocks": [["type": "section", "text": ["type": "plain_text", "text": "since noon"]]],
            ]
            let open: JSONValue = ["trigger_id": payload["trigger_id"] ?? "", "view": view]
            #expect(try await app.error("views.open", open) == "ok")
            #expect(emulator.snapshot.modals("ana").count == 1 && emulator.snapshot.modals("ben").isEmpty)
            #expect(try await app.error("views.open", open) == "exchanged_trigger_id")
            let url = try #require(payload["response_url"]?.string)
            #expect(try await app.post(url, ["text": "Only you"]) == 200)
            #expect(emulator.ephemerals("ana").map(\.text) == ["Only you"])
        }
    }

    @Test("nobody can use a shortcut that the app has not, or on a message that is not there")
    func notThere() async throws {
        try await withWorkspace(.patient) { emulator, _, _ in
            let ts = try emulator.say(as: "ana", in: "#ops", "it is down")
            for (ts, id) in [(ts, "other"), ("1.000001", Self.callbackID)] {
                await #expect(throws: UserActionError.self) {
                    try await emulator.shortcut(as: "ana", in: "#ops", ts, id)
                }
            }
        }
    }

    @Test("a reaction is an event where the app is a member, once for each user and emoji")
    func reaction() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            let ts = try emulator.say(as: "ben", in: "#ops", "it is down")
            try emulator.react(as: "ana", in: "#ops", ts, "eyes")
            let event = try #require(await socket.next("reaction_added"))["payload"]?["event"]
            #expect(event?["user"] == "U0ANA" && event?["item_user"] == "U0BEN" && event?["reaction"] == "eyes")
            #expect(event?["item"] == ["type": "message", "channel": "C0OPS", "ts": .string(ts)])
            #expect(throws: UserActionError.self) { try emulator.react(as: "ana", in: "#ops", ts, "eyes") }
            let other = try emulator.say(as: "ben", in: "#random", "the app is not here")
            try emulator.react(as: "ana", in: "#random", other, "eyes")
            try emulator.react(as: "ben", in: "#ops", ts, "mag")
            let last = try #require(await socket.next("reaction_added"))
            #expect(last["payload"]?["event"]?["reaction"] == "mag")
        }
    }
}
