import Analytics
import Bridge
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Show to everyone", .timeLimit(.minutes(10)))
struct ShowToEveryoneScenarios {
    private var plan: InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        plan.slack = "channel_rules: {\"#ops\": {visibility: private}}\n"
        return plan
    }

    /// The user's ephemeral message with the button.
    private func offered(_ bot: InProcessBot, to person: String) async throws -> EmulatedMessage {
        let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.ephemerals(person).first { $0.blocks.contains { $0["type"] == "actions" } }
        }
        // A press before the delivery is stored is responded to with the advice to press again.
        try await bot.until("it is delivered") { try await bot.store.unfinished().isEmpty }
        return try #require(found, "no button for \(person)")
    }

    /// The question that the button of a message is about.
    private func question(of message: EmulatedMessage) throws -> ULID {
        let buttons = message.blocks.filter { $0["type"] == "actions" }.flatMap { $0["elements"]?.array ?? [] }
        let button = buttons.first { $0["action_id"] == .string(ShowToEveryoneView.actionID) }
        return try #require(button?["value"]?.string.flatMap { ULID($0) })
    }

    private func shown(_ bot: InProcessBot, in root: String) -> [EmulatedMessage] {
        bot.emulator.thread("#ops", root).filter { $0.blocks.contains { $0["type"] == "markdown" } }
    }

    @Test("the asker presses the button twice: the answer is in the thread once, for all, without the button")
    func mention() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            let message = try await offered(bot, to: "ana")
            #expect(shown(bot, in: root).isEmpty)
            for _ in 0..<2 {
                let press = try await bot.emulator.press(
                    as: "ana", in: "#ops", message.ts, action: ShowToEveryoneView.actionID)
                #expect(press.wasAcknowledged)
                try await bot.until("the answer is shown") { shown(bot, in: root).count == 1 }
            }
            try await bot.until("the second press is responded to") {
                bot.emulator.ephemerals("ana").contains {
                    bot.emulator.messageText($0).contains("Everyone can see") || $0.text.contains("press the button")
                }
            }
            let text = try #require(shown(bot, in: root).first.map { bot.emulator.messageText($0) })
            #expect(text.contains("ops.list_services") && !text.contains("Show to everyone"))
            #expect(shown(bot, in: root).count == 1)
            #expect(try await bot.audit().count == 1)
            let id = try question(of: message)
            #expect(try await bot.store.question(id)?.isPrivate == false)
        }
    }

    @Test("the answer to a command has no thread yet: a message with the question opens it")
    func command() async throws {
        try await InProcessBot.run(plan) { bot in
            _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni", "list the services")
            let message = try await offered(bot, to: "ana")
            let root = try await bot.parent(in: "#ops") {
                _ = try await bot.emulator.press(
                    as: "ana", in: "#ops", message.ts, action: ShowToEveryoneView.actionID)
            }
            #expect(try await bot.answer(in: "#ops", root).contains("ops.list_services"))
        }
    }

    @Test("Omni may not post in the channel: the answer stays private, the asker is told, and may press again")
    func notInChannel() async throws {
        var plan = plan
        // By its id: Slack does not tell the name of a private channel without the bot.
        plan.slack = "channel_rules: {\"C0PRIVATE\": {visibility: private}}\n"
        try await InProcessBot.run(plan) { bot in
            _ = try await bot.emulator.command(as: "ana", in: "#private-ops", "/omni", "list the services")
            let message = try await offered(bot, to: "ana")
            func press() async throws {
                _ = try await bot.emulator.press(
                    as: "ana", in: "#private-ops", message.ts, action: ShowToEveryoneView.actionID)
            }
            try await press()
            try await bot.until("the asker is told") {
                bot.emulator.ephemerals("ana").contains { $0.text.contains("could not show") }
            }
            try await bot.until("it is settled") { try await bot.store.unfinished().isEmpty }
            try bot.emulator.invite(as: "ana", to: "#private-ops")
            let root = try await bot.parent(in: "#private-ops") { try await press() }
            #expect(try await bot.answer(in: "#private-ops", root).contains("ops.list_services"))
        }
    }

    @Test("where other organisations read the channel no answer has the button, and a press of an old one is refused")
    func shared() async throws {
        var plan = plan
        plan.emulator.channels = [WorkspaceChannel(id: "C0OPS", name: "ops", isExternallyShared: true)]
        try await InProcessBot.run(plan) { bot in
            _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni", "list the services")
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            try await bot.until("both are answered") { try await bot.audit().count == 2 }
            try await bot.allSaid()
            let blocks = JSONValue.array(bot.emulator.ephemerals("ana").flatMap(\.blocks)).text()
            #expect(blocks.contains("ops.list_services") && !blocks.contains(ShowToEveryoneView.actionID))
            let row = try #require(try await bot.audit().first)
            let id = try #require(row.questionID.flatMap { ULID($0) })
            let button: JSONValue = ["type": "actions", "elements": [ShowToEveryoneView.button(id)]]
            let address = try await bot.omni.acceptor.otherProcess.api.post(
                SlackMessage(text: "Press.", blocks: [button]), in: "C0OPS", thread: nil)
            _ = try await bot.emulator.press(as: "ana", in: "#ops", address.ts, action: ShowToEveryoneView.actionID)
            try await bot.isTold("ana", UserMessages.notShownOutside)
            #expect(shown(bot, in: root).isEmpty)
            #expect(try await bot.store.question(id)?.isPrivate == true)
        }
    }

    @Test("a press with the id of another user's question is refused, and a button of no listener is acknowledged")
    func strangers() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            let value = try question(of: try await offered(bot, to: "ana"))
            let button: JSONValue = ["type": "actions", "elements": [ShowToEveryoneView.button(value)]]
            let unknown: JSONValue = [
                "type": "actions",
                "elements": [
                    ["type": "button", "action_id": "unknown", "text": ["type": "plain_text", "text": "Press"]]
                ],
            ]
            let address = try await bot.omni.acceptor.otherProcess.api.post(
                SlackMessage(text: "Press.", blocks: [button, unknown]), in: "C0OPS", thread: nil)
            for action in [ShowToEveryoneView.actionID, "unknown"] {
                let press = try await bot.emulator.press(as: "ben", in: "#ops", address.ts, action: action)
                #expect(press.wasAcknowledged, "\(action)")
            }
            #expect(try await bot.ephemeral(to: "ben").contains(UserMessages.answerNotYours))
            #expect(shown(bot, in: root).isEmpty)
            #expect(try await bot.store.question(value)?.isPrivate == true)
        }
    }
}
