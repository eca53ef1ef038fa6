import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Questions without a mention", .timeLimit(.minutes(10)))
struct TriggerScenarios {
    private static let slack = """
        mentions:
          respond_to_name: true
          reaction_triggers: {enabled: true, reactions: {eyes: analyze}}
        advanced:
          auto_responses:
            enabled: true
            patterns:
              - {pattern: "*vpn*", response: "Read the wiki.", channels: [C0OPS]}
        """

    private static func run(_ body: @escaping @Sendable (InProcessBot, ModelDouble) async throws -> Void) async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.slack = slack
            // A modal may be opened later on a slow machine than Slack allows.
            plan.emulator.timeouts.trigger = .seconds(60)
            try await InProcessBot.run(plan) { try await body($0, model) }
        }
    }

    @Test("a reaction asks about a message of a thread; guests, other emoji and what cannot be read get no answer")
    func reaction() async throws {
        try await Self.run { bot, model in
            let emulator = bot.emulator
            let root = try emulator.say(as: "ben", in: "#ops", "checkout is down")
            let reply = try emulator.say(as: "ben", in: "#ops", "the database is slow", thread: root)
            try await model.script(["text": "Add an index."], in: bot)
            try emulator.react(as: "cleo", in: "#ops", reply, "tada")
            try emulator.react(as: "ana", in: "#ops", reply, "eyes")
            #expect(try await bot.answer(in: "#ops", root).contains("Add an index."))
            let said = ConversationScenarios.said(try await model.journal(in: bot).last)
            #expect(said.contains("<quoted_message from=\"Ben Okafor (ben@acme.example)\""), "\(said)")
            #expect(
                said.components(separatedBy: "the database is slow").count == 2 && said.contains("checkout is down"))
            #expect(said.contains(UserMessages.asked(.analyze)) && said.contains("Asked by Ana"))
            let row = try #require(try await bot.audit().first)
            #expect(row.userEmail == "ana@acme.example" && row.message == UserMessages.asked(.analyze))
            #expect(row.slackMessageTS == reply && row.slackThreadTS == root)

            try emulator.react(as: "gus", in: "#ops", root, "eyes")
            try await bot.until("the guest's reaction is in the audit log") { try await bot.audit().count == 2 }
            #expect(try await bot.audit().first?.wasBlocked == true && emulator.ephemerals("gus").isEmpty)

            emulator.inject(APIFault("conversations.replies", .error("thread_not_found")))
            try emulator.react(as: "ana", in: "#ops", root, "eyes")
            #expect(try await bot.ephemeral(to: "ana").contains(UserMessages.messageNotRead))
            #expect(emulator.thread("#ops", root).count == 3)
            #expect(try await bot.audit().count == 3)
        }
    }

    @Test("a message that begins with Omni's name, and one that fits a pattern of auto_responses, are answered")
    func nameAndPattern() async throws {
        try await Self.run { bot, model in
            let emulator = bot.emulator
            let elsewhere = try emulator.say(as: "ana", in: "#general", "my vpn is broken")
            let guest = try emulator.say(as: "gus", in: "#ops", "vpn?")
            let fixed = try emulator.say(as: "ben", in: "#ops", "My VPN is broken")
            #expect(try await bot.answer(in: "#ops", fixed).contains("Read the wiki."))
            #expect(try await model.journal(in: bot).isEmpty)

            try await model.script(["text": "Nothing to do."], in: bot)
            let alert = try emulator.say(as: "ben", in: "#general", "certificate expires in 3 days")
            let named = try emulator.share(as: "ana", alert, from: "#general", to: "#ops", "omni, what has to be done?")
            #expect(try await bot.answer(in: "#ops", named).contains("Nothing to do."))
            let said = ConversationScenarios.said(try await model.journal(in: bot).last)
            #expect(said.contains("certificate expires in 3 days") && said.contains("what has to be done?"))
            #expect(try await bot.audit().map(\.message).contains("what has to be done?"))
            try await bot.until("the guest's message is in the audit log") { try await bot.audit().count == 3 }
            #expect(emulator.ephemerals("gus").isEmpty && emulator.thread("#ops", guest).count == 1)
            #expect(emulator.thread("#general", elsewhere).count == 1)
        }
    }

    @Test("the message shortcut asks about a message in a modal; where Omni is not a member the answer is direct")
    func shortcut() async throws {
        try await Self.run { bot, model in
            let emulator = bot.emulator
            func ask(_ question: String, _ ts: String, in place: String) async throws -> ViewOutcome {
                let chosen = try await emulator.shortcut(as: "ana", in: place, ts, AskAboutView.callbackID)
                #expect(chosen.wasAcknowledged)
                let view = try #require(await emulator.waitFor(within: .seconds(60)) { $0.modals("ana").last })
                let id = try #require(view["id"]?.string)
                func submit(_ text: String) async throws -> ViewOutcome {
                    let field: JSONValue = ["type": "plain_text_input", "value": .string(text)]
                    return try await emulator.submitView(as: "ana", id, values: ["omni_question": ["question": field]])
                }
                let empty = try await submit("  ")
                #expect(!empty.isTaken && empty.problems == ["omni_question": UserMessages.questionMissing])
                return try await submit(question)
            }
            let root = try emulator.say(as: "ben", in: "#ops", "certificate expires in 3 days")
            try await model.script(["text": "Renew it."], in: bot)
            let taken = try await ask("what has to be done?", root, in: "#ops")
            #expect(taken.isTaken && emulator.snapshot.modals("ana").isEmpty)
            try await bot.until("the question and its answer are in the thread") {
                bot.answers("#ops", root).count == 2
            }
            let thread = bot.answers("#ops", root).map { emulator.messageText($0) }
            #expect(thread[0].contains("asked: what has to be done?") && thread[1].contains("Renew it."))
            let said = ConversationScenarios.said(try await model.journal(in: bot).last)
            #expect(said.contains("certificate expires in 3 days") && said.contains("what has to be done?"))
            #expect(try await bot.audit().first?.slackThreadTS == root)

            let away = try emulator.say(as: "ben", in: "#random", "db-7 has no space left")
            try await model.script(["text": "Delete old logs."], in: bot)
            #expect(try await ask("what now?", away, in: "#random").isTaken)
            try await bot.until("the answer is in the direct messages") {
                emulator.messages("@ana").contains { emulator.messageText($0).contains("Delete old logs.") }
            }
            #expect(emulator.thread("#random", away).count == 1)
            let rest = ConversationScenarios.said(try await model.journal(in: bot).last)
            #expect(rest.contains("db-7 has no space left"))
        }
    }
}
