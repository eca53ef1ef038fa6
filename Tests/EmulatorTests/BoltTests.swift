import Bridge
import SlackEmulator
import TestKit
import Testing

/// Slack's own SDK works with the emulator unmodified, so that the emulator does not only mirror Omni.
@Suite("Slack's own SDK", .timeLimit(.minutes(5)))
struct BoltTests {
    @Test("slack_bolt answers a mention in its thread, and a button edits the answer")
    func mentionAndButton() async throws {
        try await withBolt { emulator in
            let ts = try emulator.say(as: "ana", in: "#ops", "@omni shall we deploy?")
            let answer = try #require(await emulator.waitFor { $0.thread("#ops", ts).first { $0.isReply } })
            #expect(answer.blocks.first?["text"]?["text"] == "<@U0ANA> shall I?")
            #expect(emulator.threadText("#ops", ts).contains("@ana shall I?"))
            #expect(emulator.threadText("#ops", ts).contains("[Go]"))
            let outcome = try await emulator.press(as: "ben", in: "#ops", answer.ts, action: "go")
            #expect(outcome.wasAcknowledged)
            let edited = await emulator.waitUntil { snapshot in
                snapshot.thread("#ops", ts).contains {
                    $0.ts == answer.ts && $0.text == "Gone with 42" && $0.blocks.isEmpty
                }
            }
            #expect(edited)
            #expect(emulator.thread("#ops", ts).count == 2)
        }
    }

    @Test("slack_bolt answers a command by its response_url, to the asker only")
    func command() async throws {
        try await withBolt { emulator in
            let outcome = try await emulator.command(as: "ana", in: "#general", "/omni", "how are you")
            #expect(outcome.wasAcknowledged)
            let answer = try #require(await emulator.waitFor { $0.ephemerals("ana").first })
            #expect(answer.text == "You asked: how are you")
            #expect(emulator.ephemerals("ben").isEmpty)
            #expect(emulator.messages("#general").isEmpty)
        }
    }

    @Test("slack_bolt publishes a Home view when the Home tab is opened, and knows it at the next opening")
    func home() async throws {
        try await withBolt { emulator in
            try emulator.openHome(as: "ana", tab: "messages")
            #expect(emulator.snapshot.home("ana") == nil)
            for words in ["Welcome", "Welcome back"] {
                try emulator.openHome(as: "ana")
                let isShown = await emulator.waitUntil {
                    $0.home("ana")?["blocks"]?[0]?["text"]?["text"] == .string(words)
                }
                #expect(isShown, "\(words)")
            }
            #expect(emulator.snapshot.home("ana")?["callback_id"] == "start")
            #expect(emulator.snapshot.home("ben") == nil)
        }
    }

    @Test("slack_bolt opens a modal for a message shortcut, refuses an empty answer in it, and takes a full one")
    func modal() async throws {
        try await withBolt { emulator in
            let ts = try emulator.say(as: "ben", in: "#ops", "it is down")
            let chosen = try await emulator.shortcut(as: "ana", in: "#ops", ts, WorkspaceShortcut.omni[0].callbackID)
            #expect(chosen.wasAcknowledged)
            let view = try #require(await emulator.waitFor { $0.modals("ana").last })
            let id = try #require(view["id"]?.string)
            let empty = try await emulator.submitView(as: "ana", id, values: ["why": ["words": ["value": .null]]])
            #expect(!empty.isTaken && empty.problems == ["why": "Say why."])
            let full = try await emulator.submitView(as: "ana", id, values: ["why": ["words": ["value": "disk"]]])
            #expect(full.isTaken && emulator.snapshot.modals("ana").isEmpty)
            #expect(await emulator.waitUntil { $0.thread("#ops", ts).last?.text == "ana says: disk" })
        }
    }

    @Test("slack_bolt reconnects after a refresh and continues to answer")
    func refresh() async throws {
        var options = EmulatorOptions.patient
        options.timeouts.closeAfterNotice = .milliseconds(300)
        try await withBolt(options: options) { emulator in
            await emulator.inflict(.refresh)
            let reconnected = await emulator.waitUntil { snapshot in
                snapshot.traffic.filter { $0.kind == .opened }.count > 1 && snapshot.connections.live > 0
            }
            try #require(reconnected)
            let ts = try emulator.say(as: "ana", in: "#ops", "@omni still there?")
            #expect(await emulator.waitUntil { $0.thread("#ops", ts).count == 2 })
        }
    }

    @Test("slack_sdk's asyncio client connects, acknowledges and answers")
    func asyncio() async throws {
        try await withBolt("aiohttp") { emulator in
            let ts = try emulator.say(as: "ana", in: "#ops", "@omni there?")
            let isAnswered = await emulator.waitUntil { $0.thread("#ops", ts).contains { $0.text == "Here." } }
            #expect(isAnswered)
            #expect(!emulator.traffic.contains { $0.kind == .malformed })
        }
    }
}

/// Runs an emulator and, connected to it, an unmodified app of Slack's SDK.
///
/// - Parameter kind: `builtin` for slack_bolt, `aiohttp` for slack_sdk's asyncio client.
func withBolt(
    _ kind: String = "builtin", options: EmulatorOptions = .patient,
    _ body: @escaping @Sendable (Emulator) async throws -> Void
) async throws {
    try await withEmulator(options) { emulator in
        let arguments = [emulator.apiURL, emulator.options.botToken, emulator.options.appToken, kind]
        try await withPeer("bolt_app.py", arguments) { _ in
            try #require(await emulator.waitUntil { $0.connections.live > 0 })
            try await body(emulator)
        }
    }
}
