import Bridge
import SlackEmulator
import TestKit
import Testing
import WebSockets

@Suite("Presses of buttons", .timeLimit(.minutes(2)))
struct InteractionTests {
    /// A message in a thread of #ops with a button for each of two choices. Returns the ts of both messages.
    private func ask(_ emulator: Emulator, _ app: AppClient) async throws -> (root: String, question: String) {
        let root = try emulator.say(as: "ana", in: "#ops", "which one?")
        let buttons = ["prod", "test"].enumerated().map { index, text -> JSONValue in
            [
                "type": "button", "action_id": .string("choice_\(index)"), "value": .string("q w \(index)"),
                "text": ["type": "plain_text", "text": .string(text)],
            ]
        }
        let message: JSONValue = [
            "channel": "C0OPS", "thread_ts": .string(root), "text": "Which one?",
            "blocks": [["type": "actions", "block_id": "choice", "elements": .array(buttons)]],
        ]
        let posted = try await app.call("chat.postMessage", message).body
        return (root, try #require(posted["ts"]?.string, "\(posted.text())"))
    }

    /// Presses as a program in another language does.
    private func press(
        _ action: String, of ts: String, as person: String, value: String? = nil, _ app: AppClient
    ) async throws -> JSONValue {
        var order: JSONObject = [
            "as": .string(person), "do": "press", "channel": "#ops", "ts": .string(ts), "action_id": .string(action),
        ]
        if let value { order["value"] = .string(value) }
        let request = HTTPClient.Request(
            "POST", app.emulator.pageURL + "_control/act", headers: [("Content-Type", "application/json")],
            body: JSONValue.object(order).bytes())
        return try JSONValue(parsing: try await app.http.send(request).collect(upTo: 1 << 16))
    }

    @Test("a button in a thread is pressed over the control route: the app gets what Slack sends, and replaces it")
    func inThread() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            let (root, question) = try await ask(emulator, app)
            async let answer = press("choice_1", of: question, as: "ben", app)
            let envelope = try #require(await socket.next("interactive"))
            let payload = try #require(envelope["payload"])
            #expect(envelope["accepts_response_payload"] == false)
            #expect(payload["type"] == "block_actions")
            #expect(payload["user"]?["id"] == "U0BEN")
            #expect(payload["user"]?["team_id"] == .string(emulator.options.teamID))
            #expect(payload["team"]?["id"] == .string(emulator.options.teamID))
            #expect(
                payload["container"] == [
                    "type": "message", "message_ts": .string(question), "channel_id": "C0OPS", "is_ephemeral": false,
                    "thread_ts": .string(root),
                ])
            #expect(payload["message"]?["ts"] == .string(question))
            let action = payload["actions"]?[0]
            #expect(payload["actions"]?.array?.count == 1)
            #expect(action?["action_id"] == "choice_1" && action?["block_id"] == "choice")
            #expect(action?["value"] == "q w 1" && action?["text"]?["text"] == "test")
            #expect(payload["trigger_id"]?.string?.isEmpty == false)
            try await socket.acknowledge(envelope)
            let outcome = try await answer
            #expect(outcome["ok"] == true)
            let url = try #require(payload["response_url"]?.string)
            let status = try await app.post(url, ["replace_original": true, "text": "test"])
            #expect(status == 200)
            let thread = emulator.thread("#ops", root)
            #expect(thread.count == 2)
            #expect(thread.last?.ts == question && thread.last?.text == "test" && thread.last?.blocks.isEmpty == true)
        }
    }

    @Test("a user of another workspace presses in a shared channel: the payload names that workspace as the user's")
    func otherWorkspace() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            let (_, question) = try await ask(emulator, app)
            async let answer = press("choice_0", of: question, as: "sam", app)
            let envelope = try #require(await socket.next("interactive"))
            #expect(envelope["payload"]?["user"]?["id"] == "U0SAM")
            #expect(envelope["payload"]?["user"]?["team_id"] == "T0ELSEWHERE")
            #expect(envelope["payload"]?["team"]?["id"] == .string(emulator.options.teamID))
            try await socket.acknowledge(envelope)
            let outcome = try await answer
            #expect(outcome["ok"] == true)
        }
    }

    @Test("nobody can press what is not there, or what only another user sees")
    func notThere() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            _ = try await app.connect(sockets)
            let (root, question) = try await ask(emulator, app)
            for (action, value, ts, error) in [
                ("choice_2", nil, question, "the message has no button choice_2"),
                ("choice_1", "q w 0", question, "the message has no button choice_1"),
                ("choice_1", nil, root, "the message has no button choice_1"),
                ("choice_1", nil, "1.000001", "there is no message 1.000001"),
            ] as [(String, String?, String, String)] {
                let answer = try await press(action, of: ts, as: "ben", value: value, app)
                #expect(answer == ["ok": false, "error": .string(error)])
            }
            let whisper: JSONValue = [
                "channel": "C0OPS", "user": "U0ANA", "text": "Only you",
                "blocks": [
                    [
                        "type": "actions",
                        "elements": [
                            [
                                "type": "button", "action_id": "mine", "value": "1",
                                "text": ["type": "plain_text", "text": "Mine"],
                            ]
                        ],
                    ]
                ],
            ]
            let posted = try await app.call("chat.postEphemeral", whisper).body
            let ts = try #require(posted["message_ts"]?.string, "\(posted.text())")
            let answer = try await press("mine", of: ts, as: "ben", app)
            #expect(answer["error"] == .string("there is no message \(ts)"))
            let delivered = emulator.traffic.contains { $0.kind == .sent && $0.name == "interactive" }
            #expect(!delivered)
        }
    }
}
